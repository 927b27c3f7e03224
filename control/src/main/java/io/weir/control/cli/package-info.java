/**
 * The native commands of {@code weir}, one class per subcommand.
 *
 * <p>{@link WeirCommand} lists the subcommands and fixes how errors look: one line on standard
 * error and an exit code. A command reports what its user can mend by throwing {@link
 * CommandFailure}; every other exception is a defect and shows its stack trace. Commands run on the
 * main thread.
 */
@NullMarked
package io.weir.control.cli;

import org.jspecify.annotations.NullMarked;
