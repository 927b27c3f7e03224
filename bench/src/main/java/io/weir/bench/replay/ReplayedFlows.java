package io.weir.bench.replay;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The clients of a replay: which endpoint a flow's number stands for, and in which order packets of
 * flows come.
 *
 * <p>Endpoints follow from numbers by arithmetic, so that the port reads nothing but an array of
 * numbers from its beginning to its end. {@value #FLOWS_PER_ADDRESS} flows share a client address,
 * as the connections of a browser do; a million flows are 125,000 addresses, and whatever is
 * remembered for each address is paid for.
 */
public final class ReplayedFlows {
    /** Flows of one client address. */
    public static final int FLOWS_PER_ADDRESS = 8;

    /** Stands in an order for the next flow that was never seen before. */
    public static final int NEW_FLOW = -1;

    /** How long an order is before it comes again: 8 MiB, read in sequence. */
    public static final int ORDER_PACKETS = 1 << 21;

    /** The most flows: a number has 24 bits beside its server's index. */
    public static final int MOST_FLOWS = 1 << 24;

    private static final int SERVER_SHIFT = 24;
    private static final int FIRST_ADDRESS = 0x0b00_0000;
    private static final int FIRST_NEW_ADDRESS = 0x1000_0000;
    private static final int FIRST_PORT = 1024;

    private ReplayedFlows() {}

    /** The client address of an established flow. */
    static int address(int flow) {
        return FIRST_ADDRESS + flow / FLOWS_PER_ADDRESS;
    }

    /** The client address of the n-th new flow; comes again after 2^30. */
    static int newAddress(int flow) {
        return FIRST_NEW_ADDRESS + (flow & 0x3fff_ffff) / FLOWS_PER_ADDRESS;
    }

    /** The client port of a flow, 1024 to 33791, different ones for the flows of one address. */
    static int port(int flow) {
        int spread = (flow / FLOWS_PER_ADDRESS * 0x9E37_79B1) >>> 20;
        return FIRST_PORT + spread * FLOWS_PER_ADDRESS + flow % FLOWS_PER_ADDRESS;
    }

    /** The flow that has this endpoint. */
    static int flow(int address, int port) {
        return (address - FIRST_ADDRESS) * FLOWS_PER_ADDRESS
                + (port - FIRST_PORT) % FLOWS_PER_ADDRESS;
    }

    /** The flow's number in an entry of an order. */
    static int flowOf(int entry) {
        return entry & (MOST_FLOWS - 1);
    }

    /** The index of the flow's server in an entry of an order. */
    static int serverOf(int entry) {
        return entry >>> SERVER_SHIFT;
    }

    /** Every flow once, from the first. */
    static int[] inSequence(int flows) {
        int[] order = new int[flows];
        for (int i = 0; i < flows; i++) {
            order[i] = i;
        }
        return order;
    }

    /** Flows drawn with equal chances. */
    static int[] uniform(int flows, SplittableRandom random) {
        int[] order = new int[ORDER_PACKETS];
        for (int i = 0; i < order.length; i++) {
            order[i] = random.nextInt(flows);
        }
        return order;
    }

    /** Flows drawn with chances of 1, 1/2, 1/3 and so on (Zipf's law with exponent 1). */
    static int[] zipf(int flows, SplittableRandom random) {
        double[] cumulative = new double[flows];
        double sum = 0;
        for (int i = 0; i < flows; i++) {
            sum += 1.0 / (i + 1);
            cumulative[i] = sum;
        }
        int[] order = new int[ORDER_PACKETS];
        for (int i = 0; i < order.length; i++) {
            int found = Arrays.binarySearch(cumulative, random.nextDouble(sum));
            order[i] = Math.min(flows - 1, found < 0 ? ~found : found);
        }
        return order;
    }

    /** Puts new flows at random places, {@code percent} of all. */
    static void addNewFlows(int[] order, int percent, SplittableRandom random) {
        for (int i = 0; i < order.length; i++) {
            if (random.nextInt(100) < percent) {
                order[i] = NEW_FLOW;
            }
        }
    }

    /** Notes the server of each flow in an order. */
    static int[] withServers(int[] order, byte[] servers) {
        int[] noted = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            noted[i] = order[i] | servers[order[i]] << SERVER_SHIFT;
        }
        return noted;
    }

    /** The entries whose flow has this remainder when divided by {@code divisor}. */
    static int[] ofKind(int[] order, int divisor, int remainder) {
        return Arrays.stream(order).filter(flow -> flow % divisor == remainder).toArray();
    }

    /** The same order, begun in its middle. */
    static int[] halfTurned(int[] order) {
        int[] turned = new int[order.length];
        int half = order.length / 2;
        System.arraycopy(order, half, turned, 0, order.length - half);
        System.arraycopy(order, 0, turned, order.length - half, half);
        return turned;
    }
}
