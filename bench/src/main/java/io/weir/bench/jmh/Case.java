package io.weir.bench.jmh;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One benchmark with one value for each of its parameters.
 *
 * @param type the benchmark's class
 * @param method the benchmark's method
 * @param parameters by name
 */
record Case(Class<?> type, String method, SortedMap<String, String> parameters) {
    /** Class and method, as results name them. */
    String benchmark() {
        return type.getSimpleName() + "." + method;
    }

    /** As {@link Measurement#key}. */
    String key() {
        return key(benchmark(), parameters);
    }

    static String key(String benchmark, Map<String, String> parameters) {
        StringBuilder key = new StringBuilder(benchmark);
        parameters.forEach((name, value) -> key.append(' ').append(name).append('=').append(value));
        return key.toString();
    }

    /** Whether a parameter has one of these values; false if there is no such parameter. */
    boolean has(String name, String... values) {
        String value = parameters.get(name);
        return value != null && Set.of(values).contains(value);
    }

    /** The same with other values. */
    Case with(String otherMethod, String... namesAndValues) {
        TreeMap<String, String> changed = new TreeMap<>(parameters);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            changed.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Case(type, otherMethod, changed);
    }
}
