package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order of listings.
 *
 * <p>ipvsadm compares 32-bit words by the sign of their wrapped difference, so 192.0.2.1 comes
 * before 10.0.0.1, and three addresses can each be before the next in a circle. What a circle comes
 * out as depends on the sorting, hence a merge sort of our own that halves and merges as the C
 * library does; the JDK's may throw on such an order.
 */
final class ListingOrder {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private ListingOrder() {}

    static List<ServiceListing> services(List<ServiceListing> services) {
        return sorted(services, (a, b) -> compare(a.id(), b.id()));
    }

    static List<ServerListing> servers(List<ServerListing> servers) {
        return sorted(servers, ListingOrder::compare);
    }

    private static int compare(ServiceId a, ServiceId b) {
        int order = a.mark() - b.mark();
        if (order == 0) {
            order = family(a.address()) - family(b.address());
        }
        if (order == 0) {
            order = a.protocol() - b.protocol();
        }
        if (order == 0) {
            order = compare(a.address(), b.address());
        }
        return order == 0 ? a.port() - b.port() : order;
    }

    private static int family(IpAddress address) {
        return address.ipv6() ? AF_INET6 : AF_INET;
    }

    // The families are not compared: an IPv4 address counts as the first word of an IPv6 one.
    private static int compare(ServerListing a, ServerListing b) {
        int order = compare(a.id().address(), b.id().address());
        return order == 0 ? a.id().port() - b.id().port() : order;
    }

    private static int compare(IpAddress a, IpAddress b) {
        int order = word(a, 0) - word(b, 0);
        for (int i = 1; i < 4 && order == 0 && a.ipv6(); i++) {
            order = word(a, i) - word(b, i);
        }
        return order;
    }

    private static int word(IpAddress address, int index) {
        if (!address.ipv6()) {
            return index == 0 ? address.v4() : 0;
        }
        long half = index < 2 ? address.high() : address.low();
        return (int) (index % 2 == 0 ? half >>> 32 : half);
    }

    private static <T> List<T> sorted(List<T> list, Comparator<T> order) {
        if (list.size() < 2) {
            return list;
        }
        int half = list.size() / 2;
        List<T> left = sorted(list.subList(0, half), order);
        List<T> right = sorted(list.subList(half, list.size()), order);
        List<T> merged = new ArrayList<>(list.size());
        int l = 0;
        int r = 0;
        while (l < left.size() && r < right.size()) {
            boolean takeLeft = order.compare(left.get(l), right.get(r)) <= 0;
            merged.add(takeLeft ? left.get(l++) : right.get(r++));
        }
        merged.addAll(left.subList(l, left.size()));
        merged.addAll(right.subList(r, right.size()));
        return merged;
    }
}
