package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sleeps in ppoll(2) until one of several ports has a frame.
 *
 * <p>A wake costs a system call only while the worker really sleeps.
 */
public final class PollWaiter implements PacketWaiter {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int WOKEN = 2;

    private final int[] descriptors;
    private final EventDescriptor event;
    private final PollSet set;
    private final NativeBlock error = new NativeBlock(Integer.BYTES);
    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /**
     * Makes a waiter for ports that outlive it.
     *
     * @throws SystemCallException when the process has no descriptor left
     */
    public PollWaiter(Collection<? extends PacketPort> ports) throws SystemCallException {
        event = new EventDescriptor("wait for packets");
        descriptors = descriptors(event, ports);
        set = new PollSet(descriptors);
    }

    private static int[] descriptors(
            EventDescriptor event, Collection<? extends PacketPort> ports) {
        int count = 1;
        for (PacketPort port : ports) {
            count += port.pollDescriptors().length;
        }
        int[] all = new int[count];
        all[0] = event.number();
        int next = 1;
        for (PacketPort port : ports) {
            for (int descriptor : port.pollDescriptors()) {
                all[next++] = descriptor;
            }
        }
        return all;
    }

    @Override
    public void await(long nanos) {
        if (nanos <= 0 || !state.compareAndSet(AWAKE, ASLEEP)) {
            state.set(AWAKE);
            return;
        }
        int ready = set.await(nanos);
        state.set(AWAKE);
        if (ready <= 0) {
            return;
        }
        if (set.isReadable(0)) {
            event.clear();
        }
        for (int i = 1; i < descriptors.length; i++) {
            // An interface that went down leaves an error at the socket, which would end every
            // later wait at once; reading it takes it away.
            if (set.isFailed(i)) {
                Sockets.getOption(
                        descriptors[i],
                        Sockets.SOL_SOCKET,
                        Sockets.SO_ERROR,
                        error.address(),
                        Integer.BYTES);
            }
        }
    }

    @Override
    public void wake() {
        if (state.getAndSet(WOKEN) == ASLEEP) {
            event.signal();
        }
    }

    @Override
    public void close() {
        event.close();
        set.close();
        error.close();
    }
}
