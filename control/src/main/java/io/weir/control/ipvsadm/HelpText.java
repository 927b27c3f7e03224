package io.weir.control.ipvsadm;

/** What -h and -v print. */
final class HelpText {
    /** Scripts look at it, so it is that of the program that is replaced. */
    static final String VERSION = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n";

    static final String TEXT =
            VERSION
                    + """
                    Usage:
                      ipvsadm -A|-E SERVICE [-s NAME] [-p [SECONDS]] [-M MASK] [--pe NAME] [-b FLAGS] [-o]
                      ipvsadm -D SERVICE
                      ipvsadm -a|-e SERVICE -r HOST[:PORT] [-g|-i|-m] [-w N] [-x N] [-y N] [TUNNEL]
                      ipvsadm -d SERVICE -r HOST[:PORT]
                      ipvsadm -L|-l [SERVICE | -c | --timeout | --daemon] [LISTING]
                      ipvsadm -Z [SERVICE]
                      ipvsadm -C
                      ipvsadm -S [-n]
                      ipvsadm -R [--atomic] < RULES
                      ipvsadm --set TCP TCPFIN UDP
                      ipvsadm --start-daemon master|backup [DAEMON]
                      ipvsadm --stop-daemon master|backup
                      ipvsadm -h | -v

                    Commands:
                      -A, --add-service        make a virtual service
                      -E, --edit-service       change its settings; those not given get their defaults
                      -D, --delete-service     delete it and its real servers
                      -a, --add-server         add a real server to a virtual service
                      -e, --edit-server        change a real server's settings
                      -d, --delete-server      take a real server out of a virtual service
                      -L, -l, --list           show services; the default without any argument
                      -Z, --zero               set counters to zero
                      -C, --clear              delete all virtual services and connections
                      -S, --save               print the rules as commands that -R reads
                      -R, --restore            carry out commands read from standard input
                          --set                set the timeouts of TCP, TCP after FIN and UDP in seconds;
                                               0 leaves one as it is
                          --start-daemon       start to synchronise connections with another balancer
                          --stop-daemon        stop it
                      -h, --help               show this text
                      -v, --version            show the version

                    SERVICE is one of
                      -t, --tcp-service HOST[:PORT]
                      -u, --udp-service HOST[:PORT]
                          --sctp-service HOST[:PORT]
                      -f, --fwmark-service MARK [-6, --ipv6]
                                               packets with a firewall mark, IPv6 ones with -6

                    Settings of a service:
                      -s, --scheduler NAME     rr, wrr, lc, wlc (the default), lblc, lblcr, dh, sh, sed, nq,
                                               fo, ovf or mh, as far as this version has them
                      -b, --sched-flags FLAGS  flags of the scheduler, separated by commas: sh-fallback,
                                               sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3
                      -p, --persistent [SECONDS]
                                               keep a client with its server for this long (360)
                      -M, --netmask MASK       clients that count as one; a prefix length for IPv6
                          --pe NAME            persistence engine: sip
                      -o, --ops                schedule each datagram for itself

                    Settings of a real server:
                      -r, --real-server HOST[:PORT]
                                               names it; without a port it has the service's
                      -g, --gatewaying         forward by Ethernet address (direct routing, the default)
                      -m, --masquerading       translate addresses (NAT)
                      -i, --ipip               forward through a tunnel
                      -w, --weight N           its share (1); 0 for no new connections
                      -x, --u-threshold N      number of connections at which it gets no more
                      -y, --l-threshold N      number below which it gets some again
                    TUNNEL:
                          --tun-type TYPE      ipip (the default), gue or gre
                          --tun-port PORT      UDP port of gue
                          --tun-nocsum, --tun-csum, --tun-remcsum
                                               outer checksum: none, one, or the inner one offloaded

                    LISTING:
                      -n, --numeric            numbers in place of names
                      -c, --connection         connections
                          --timeout            timeouts
                          --daemon             synchronisation daemons
                          --stats              counters
                          --rate               counters per second
                          --exact              counters in full
                          --thresholds         thresholds of real servers
                          --persistent-conn    persistence templates of real servers
                          --tun-info           tunnels of real servers
                          --nosort             do not sort
                          --sort               sort, as is done anyway

                    RULES are commands, one a line, as -S prints them. With --atomic either all take effect or
                    none; without, refused ones are passed over.

                    DAEMON:
                          --syncid N           identifies the pair, 0 to 255
                          --sync-maxlen N      largest message in bytes
                          --mcast-interface IF interface it talks on (eth0)
                          --mcast-group GROUP  multicast address (224.0.0.81)
                          --mcast-port PORT    UDP port (8848)
                          --mcast-ttl N        TTL of its messages (1)
                    """;

    /** What ipvsadm-save prints on an option it does not have. */
    static final String SAVE_USAGE =
            """
            ipvsadm-save prints the rules in the form that ipvsadm-restore reads.
               -n   numbers in place of names
            """;

    private HelpText() {}
}
