package io.weir.dataplane.io.steering;

import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.SystemCallException;

/** An array of the kernel's programs that is mapped into this process. */
final class MappedArray implements AutoCloseable {
    private static final long PAGE_BYTES = 4096;

    private final Descriptor map;
    private final Mapping memory;

    private MappedArray(Descriptor map, Mapping memory) {
        this.map = map;
        this.memory = memory;
    }

    /**
     * Makes an array of zeros.
     *
     * @param valueBytes the size of an entry, a multiple of 8
     * @throws SystemCallException without CAP_BPF, or if the kernel has no memory for it
     */
    static MappedArray open(int valueBytes, int entries, String purpose)
            throws SystemCallException {
        Descriptor map =
                Bpf.createMap(
                        Bpf.MAP_ARRAY,
                        Integer.BYTES,
                        valueBytes,
                        entries,
                        Bpf.MAP_MAPPABLE,
                        purpose);
        long pages = Math.ceilDiv((long) valueBytes * entries, PAGE_BYTES);
        try {
            return new MappedArray(
                    map, Mapping.ofDescriptor(map.number(), pages * PAGE_BYTES, purpose));
        } catch (SystemCallException e) {
            map.close();
            throw e;
        }
    }

    /** The descriptor by which programs name it. */
    int number() {
        return map.number();
    }

    /** Where its entries lie in this process. */
    long address() {
        return memory.address();
    }

    @Override
    public void close() {
        memory.close();
        map.close();
    }
}
