package io.weir.bench.live;

/**
 * A number that a measure yields.
 *
 * @param name short and fixed, as results name it
 * @param unit such as ns, Gbit/s or 1/s
 * @param lessIsBetter whether a lower value is the better one
 */
record Metric(String name, String unit, boolean lessIsBetter) {}
