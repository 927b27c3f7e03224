/**
 * Packets for tests: built from words, and turned back into words to compare; and network
 * namespaces, which go away with the test, or with the JVM if it does not end well.
 *
 * <p>Written without the header and checksum classes that the tests are about, so that a mistake
 * there cannot hide here. Published as the test jar of this module.
 */
@NullMarked
package io.weir.dataplane.testing;

import org.jspecify.annotations.NullMarked;
