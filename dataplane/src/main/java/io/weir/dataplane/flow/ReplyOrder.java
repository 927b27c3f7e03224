package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_IPV6;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_SERVER_IPV6;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_USED;
import static io.weir.dataplane.flow.ConnectionLines.METHOD_MASK;
import static io.weir.dataplane.flow.ConnectionLines.NONE;
import static io.weir.dataplane.flow.ConnectionTable.MAX_PROBES;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * Whose the replies are where connections by NAT share both a client's and a server's end, because
 * the client has come from one port to several virtual endpoints before that server: the one that
 * began last has them, as in IPVS, whose lists begin with it. When that ends it is the one before.
 *
 * <p>Each entry has its rank among them, which is not zero only for those that others hide; so
 * packets look for rank zero, and whoever makes or ends an entry looks after ranks. Owned by the
 * worker.
 */
public final class ReplyOrder {
    private static final int RANK_SHIFT = 27;
    private static final int MOST = 7;

    /** Of the flags, none of which is set in an entry that replies find. */
    static final int RANK_MASK = MOST << RANK_SHIFT;

    private static final int MEMBER_MASK = FLAG_USED | FLAG_TEMPLATE | FLAG_RETIRED | METHOD_MASK;
    private static final int MEMBER = FLAG_USED | ForwardingMethod.MASQUERADE.code();
    private static final int FAMILIES = FLAG_IPV6 | FLAG_SERVER_IPV6;

    private final ConnectionTable table;
    private final FlowHash hash;

    /** Entries whose rank is not zero. */
    private int hidden;

    ReplyOrder(ConnectionTable table, FlowHash hash) {
        this.table = table;
        this.hash = hash;
    }

    /**
     * The next that shares the replies of an entry, as its place in the search for both.
     *
     * @param from the place to begin at
     * @return {@link ConnectionTable#MAX_PROBES} if there is none
     */
    private int nextOther(int slot, long h, int from) {
        for (int place = from; place < MAX_PROBES; place++) {
            int at = slotAt(h, place);
            if (at != slot && sharesReplies(at, slot)) {
                return place;
            }
            if (Memory.nativeShort(table.line(at) + PASSED_OVER) == 0) {
                break;
            }
        }
        return MAX_PROBES;
    }

    private int slotAt(long h, int place) {
        return table.slotAt(table.searchedLine(h, place));
    }

    /** An entry has begun, or has become one by NAT: it hides the others. */
    void enter(int slot, long h) {
        if (!isMember(slot)) {
            return;
        }
        for (int i = nextOther(slot, h, 0); i < MAX_PROBES; i = nextOther(slot, h, i + 1)) {
            int at = slotAt(h, i);
            int rank = rank(at);
            hidden += rank == 0 ? 1 : 0;
            setRank(at, Math.min(rank + 1, MOST));
        }
    }

    /** An entry ends, or is about to be found no more: those that it hides move up. */
    void leave(int slot, long h) {
        if (hidden == 0 || !isMember(slot)) {
            return;
        }
        int own = rank(slot);
        for (int i = nextOther(slot, h, 0); i < MAX_PROBES; i = nextOther(slot, h, i + 1)) {
            int at = slotAt(h, i);
            if (rank(at) > own) {
                setRank(at, rank(at) - 1);
                hidden -= rank(at) == 0 ? 1 : 0;
            }
        }
        if (own > 0) {
            hidden--;
            setRank(slot, 0);
        }
    }

    /** The one that had the replies before this one; NONE if nobody had them. */
    public int hiddenBy(int slot) {
        if (hidden == 0 || !isMember(slot)) {
            return NONE;
        }
        long h = hash.ofEntry(table.line(slot));
        for (int i = nextOther(slot, h, 0); i < MAX_PROBES; i = nextOther(slot, h, i + 1)) {
            int at = slotAt(h, i);
            if (rank(at) == rank(slot) + 1) {
                return at;
            }
        }
        return NONE;
    }

    /** Whether a later one has the replies that look like those of this entry. */
    public boolean isHidden(int slot) {
        return table.has(slot, RANK_MASK);
    }

    /** Sets an entry aside: nothing finds it any more, while it lives on. */
    public void retire(int slot) {
        leave(slot, hash.ofEntry(table.line(slot)));
        table.setFlags(slot, table.flags(slot) | FLAG_RETIRED);
    }

    /** Gives an entry other flags, the forwarding method's among them. */
    public void setMethod(int slot, int flags) {
        long h = hash.ofEntry(table.line(slot));
        leave(slot, h);
        table.setFlags(slot, flags & ~RANK_MASK);
        enter(slot, h);
    }

    private boolean isMember(int slot) {
        return (table.flags(slot) & MEMBER_MASK) == MEMBER;
    }

    private boolean sharesReplies(int at, int slot) {
        long one = table.line(at);
        long other = table.line(slot);
        int flags = table.flags(at);
        return (flags & (MEMBER_MASK | FAMILIES)) == (MEMBER | (table.flags(slot) & FAMILIES))
                && Memory.nativeInt(one + CLIENT) == Memory.nativeInt(other + CLIENT)
                && Memory.nativeInt(one + SERVER) == Memory.nativeInt(other + SERVER)
                && table.clientPort(at) == table.clientPort(slot)
                && table.serverPort(at) == table.serverPort(slot)
                && table.protocol(at) == table.protocol(slot)
                && ((flags & FLAG_IPV6) == 0 || sameWide(table.wideLine(at), table.wideLine(slot)));
    }

    private static boolean sameWide(long one, long other) {
        return Memory.nativeLong(one + WIDE_CLIENT) == Memory.nativeLong(other + WIDE_CLIENT)
                && Memory.nativeLong(one + WIDE_CLIENT + 8)
                        == Memory.nativeLong(other + WIDE_CLIENT + 8)
                && Memory.nativeLong(one + WIDE_SERVER) == Memory.nativeLong(other + WIDE_SERVER)
                && Memory.nativeLong(one + WIDE_SERVER + 8)
                        == Memory.nativeLong(other + WIDE_SERVER + 8);
    }

    private int rank(int slot) {
        return (table.flags(slot) & RANK_MASK) >>> RANK_SHIFT;
    }

    private void setRank(int slot, int rank) {
        table.setFlags(slot, (table.flags(slot) & ~RANK_MASK) | rank << RANK_SHIFT);
    }
}
