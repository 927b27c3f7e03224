/**
 * Finds the mistakes that operators of a director make again and again, and says how to mend each.
 *
 * <p>What is asked about a machine is in {@link io.weir.control.doctor.Patient}; the examinations
 * only judge the answers.
 */
@NullMarked
package io.weir.control.doctor;

import org.jspecify.annotations.NullMarked;
