package io.weir.dataplane.net;

/** Hears of network changes, on the thread that watches the network. */
public interface NetworkListener {
    /** Links, addresses or routes changed; the snapshot replaces the one before. */
    void networkChanged(NetworkSnapshot network);

    /** A neighbour became known, changed or was lost. */
    void neighbourChanged(NeighbourEntry neighbour);
}
