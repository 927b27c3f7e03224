package io.weir.bench.live;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One way from the client to the servers: no balancer, a peer, or weir in one of its ways. */
interface Contender {
    /** Short and fixed, as results and charts name it. */
    String name();

    /** What this machine lacks for it, or empty; asked once, before the first round. */
    Optional<String> lacks();

    /**
     * Sets it up on a fresh site, in the balancer's namespace, for every service of the site; what
     * it changed or started goes with the site or with {@link Running#close}.
     */
    Running start(Site site) throws IOException, InterruptedException;

    /** A contender that takes traffic. */
    interface Running extends AutoCloseable {
        /** Where clients turn to; ports are the site's. */
        String address();

        /** The processes whose processor time and memory are this contender's, with children. */
        List<Long> processes();

        @Override
        void close() throws IOException;

        /** A contender that is nothing but settings of the site's namespaces. */
        static Running settings(String address) {
            return of(address, List.of());
        }

        /** A contender made of programs that the site ends. */
        static Running of(String address, List<Program> programs) {
            return new Running() {
                @Override
                public String address() {
                    return address;
                }

                @Override
                public List<Long> processes() {
                    return programs.stream().map(Program::pid).toList();
                }

                @Override
                public void close() {
                    programs.forEach(Program::close);
                }
            };
        }
    }
}
