package io.weir.dataplane.fragment;

import static io.weir.dataplane.packet.DropReason.FRAGMENT_DUPLICATE;
import static io.weir.dataplane.packet.DropReason.FRAGMENT_INVALID;
import static io.weir.dataplane.packet.DropReason.FRAGMENT_OVERLAP;
import static io.weir.dataplane.packet.DropReason.REASSEMBLY_FULL;
import static io.weir.dataplane.packet.DropReason.REASSEMBLY_TIMEOUT;

import io.weir.dataplane.packet.DropReason;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What {@link Reassembly} does, slowly and in the open, with a byte array for each datagram. */
final class SlowReassembly {
    /** A fragment in a test: which datagram it names, and what it says of it. */
    record Piece(String source, int id, int offset, boolean last, int bytes, int tos) {
        /** What it carries: a part of what the datagram with this number has. */
        byte[] part() {
            byte[] content = new byte[offset + bytes];
            new Random(id).nextBytes(content);
            return Arrays.copyOfRange(content, offset, content.length);
        }
    }

    private static final class Datagram {
        final String source;
        long deadline;
        int arrival;
        int length = -1;
        int fragments;
        final Byte[] content = new Byte[70_000];
        final List<Piece> pieces = new ArrayList<>();

        Datagram(String source) {
            this.source = source;
        }
    }

    private final int most;
    private final Map<String, Integer> arrivals = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    private final Map<String, Datagram> datagrams = new HashMap<>();

    final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    int timedOutWithFirst;

    SlowReassembly(int most) {
        this.most = most;
    }

    /** Takes a fragment; returns the payload of the whole datagram if that is all. */
    byte @Nullable [] add(Piece piece, long now) {
        String key = piece.source() + "/" + piece.id();
        int bytes = piece.last() ? piece.bytes() : piece.bytes() / 8 * 8;
        int end = piece.offset() + bytes;
        if (bytes == 0 || end > 65_515) {
            count(FRAGMENT_INVALID, 1);
            give(key, FRAGMENT_INVALID);
            return null;
        }
        int arrived = arrivals.merge(piece.source(), 1, Integer::sum);
        Datagram datagram = datagrams.get(key);
        if (datagram != null && arrived - datagram.arrival > 64) {
            give(key, REASSEMBLY_TIMEOUT);
            datagram = null;
        }
        if (datagram == null) {
            makeRoom(piece.source());
            datagram = new Datagram(piece.source());
            datagram.deadline = now + 30_000;
            datagrams.put(key, datagram);
            order.add(key);
        }
        datagram.arrival = arrived;
        DropReason wrong = judge(datagram, piece, end);
        if (wrong != null) {
            count(wrong, 1);
            if (wrong != FRAGMENT_DUPLICATE) {
                give(key, wrong);
            }
            return null;
        }
        byte[] part = piece.part();
        for (int i = 0; i < bytes; i++) {
            datagram.content[piece.offset() + i] = part[i];
        }
        datagram.fragments++;
        datagram.pieces.add(piece);
        return datagram.length >= 0 && there(datagram, 0, datagram.length) == datagram.length
                ? finish(key, datagram)
                : null;
    }

    private @Nullable DropReason judge(Datagram datagram, Piece piece, int end) {
        int reach = 0;
        for (int i = 0; i < datagram.content.length; i++) {
            reach = datagram.content[i] == null ? reach : i + 1;
        }
        if (piece.last() && (end < reach || (datagram.length >= 0 && datagram.length != end))) {
            return FRAGMENT_INVALID;
        }
        if (!piece.last() && datagram.length >= 0 && end > datagram.length) {
            return FRAGMENT_INVALID;
        }
        if (piece.last()) {
            datagram.length = end;
        }
        int common = there(datagram, piece.offset(), end);
        if (common == 0) {
            return null;
        }
        return common == end - piece.offset() ? FRAGMENT_DUPLICATE : FRAGMENT_OVERLAP;
    }

    private static int there(Datagram datagram, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += datagram.content[i] == null ? 0 : 1;
        }
        return count;
    }

    private byte @Nullable [] finish(String key, Datagram datagram) {
        long kinds =
                datagram.pieces.stream().map(piece -> (piece.tos() & 3) == 0).distinct().count();
        if (kinds > 1) {
            give(key, FRAGMENT_INVALID);
            return null;
        }
        datagrams.remove(key);
        order.remove(key);
        byte[] whole = new byte[datagram.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = datagram.content[i];
        }
        return whole;
    }

    private void makeRoom(String source) {
        List<String> own = new ArrayList<>(order);
        own.removeIf(key -> !datagrams.get(key).source.equals(source));
        if (own.size() >= most / 4) {
            give(own.getFirst(), REASSEMBLY_FULL);
        } else if (order.size() == most) {
            give(order.getFirst(), REASSEMBLY_FULL);
        }
    }

    private void give(String key, DropReason reason) {
        Datagram datagram = datagrams.remove(key);
        if (datagram != null) {
            count(reason, datagram.fragments);
            order.remove(key);
        }
    }

    void expire(long now) {
        for (String key : List.copyOf(order)) {
            Datagram datagram = datagrams.get(key);
            if (datagram.deadline <= now) {
                timedOutWithFirst += datagram.content[0] == null ? 0 : 1;
                give(key, REASSEMBLY_TIMEOUT);
            }
        }
    }

    private void count(DropReason reason, long packets) {
        if (packets > 0) {
            drops.merge(reason, packets, Long::sum);
        }
    }
}
