/**
 * The house rules that a machine can check: format, direction of dependencies, what the hot
 * packages must not use, length of methods and classes. They run here because this module sees all
 * the others.
 */
package io.weir.control.house;
