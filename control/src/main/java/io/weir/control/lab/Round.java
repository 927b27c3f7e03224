package io.weir.control.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * One act of the lab: a scheduler, a forwarding method, a weight for each real server.
 *
 * @param title what is shown, for people
 * @param scheduler as ipvsadm names it
 * @param directRouting DR if true, else NAT
 * @param weights of the real servers, in order
 * @param cycles how often the scheduler goes round
 */
record Round(
        String title, String scheduler, boolean directRouting, List<Integer> weights, int cycles) {
    Round {
        weights = List.copyOf(weights);
    }

    /** The two acts that every lab plays. */
    static List<Round> all() {
        return List.of(
                new Round("NAT, weighted round robin", "wrr", false, List.of(1, 2, 3), 10),
                new Round("Direct routing, round robin", "rr", true, List.of(1, 1, 1), 20));
    }

    int requests() {
        return cycles * weights.stream().mapToInt(Integer::intValue).sum();
    }

    /** How many requests a real server gets: wrr and rr keep to the weights exactly. */
    int expected(int server) {
        return cycles * weights.get(server);
    }

    /** The commands that set the round up, each a list of ipvsadm's arguments. */
    List<List<String>> commands(String virtual, List<String> servers) {
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of("-A", "-t", virtual, "-s", scheduler));
        String method = directRouting ? "-g" : "-m";
        for (int i = 0; i < servers.size(); i++) {
            String weight = weights.get(i).toString();
            commands.add(List.of("-a", "-t", virtual, "-r", servers.get(i), method, "-w", weight));
        }
        return commands;
    }
}
