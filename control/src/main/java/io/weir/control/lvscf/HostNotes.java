package io.weir.control.lvscf;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.VrrpInstanceConfig;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a configuration names and the host that is to run it does not have. */
final class HostNotes {
    private HostNotes() {}

    static List<String> of(String file, Configuration configuration, Set<String> devices) {
        Set<String> notes = new LinkedHashSet<>();
        for (String device : wanted(configuration)) {
            if (!devices.contains(device)) {
                notes.add(file + ": this host has no interface " + device);
            }
        }
        for (List<String> command : programs(configuration)) {
            if (!command.isEmpty() && isMissing(command.getFirst())) {
                notes.add(file + ": there is no program " + command.getFirst() + " on this host");
            }
        }
        return List.copyOf(notes);
    }

    private static boolean isMissing(String program) {
        try {
            // Other names are looked for along PATH when they are run.
            return program.startsWith("/") && !Files.isExecutable(Path.of(program));
        } catch (InvalidPathException e) {
            return true;
        }
    }

    private static Set<String> wanted(Configuration configuration) {
        Set<String> devices = new LinkedHashSet<>();
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair != null) {
            pair.addresses().stream().map(FloatingAddress::device).forEach(devices::add);
        }
        for (VrrpInstanceConfig vrrp : configuration.vrrp()) {
            devices.add(vrrp.device());
            devices.addAll(vrrp.trackedDevices());
            vrrp.addresses().stream().map(FloatingAddress::device).forEach(devices::add);
            vrrp.unlisted().stream().map(FloatingAddress::device).forEach(devices::add);
        }
        var sync = configuration.connectionSync();
        if (sync != null) {
            devices.add(sync.device());
        }
        return devices;
    }

    private static List<List<String>> programs(Configuration configuration) {
        List<List<String>> programs = new ArrayList<>();
        programs.add(configuration.scripts().onActive());
        programs.add(configuration.scripts().onStandby());
        programs.add(configuration.scripts().onEvent());
        configuration.localServices().forEach(service -> programs.add(service.start()));
        configuration.localServices().forEach(service -> programs.add(service.stop()));
        for (ServiceConfig service : configuration.services()) {
            for (ServerConfig server : service.servers()) {
                for (CheckConfig check : server.checks()) {
                    if (check.probe() instanceof Probe.Program program) {
                        programs.add(program.command());
                    }
                }
                var load = server.load();
                if (load != null) {
                    programs.add(load.command());
                }
            }
        }
        return programs;
    }
}
