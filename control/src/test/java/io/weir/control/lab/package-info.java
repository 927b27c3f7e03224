/** Tests of the lab that need neither root nor a network. */
@NullMarked
package io.weir.control.lab;

import org.jspecify.annotations.NullMarked;
