package io.weir.control.ipvsadm;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * Which options something needs, allows and allows one of.
 *
 * @param subject what it is, as messages name it: {@code 'list' command}
 * @param compulsory options that must be given
 * @param legal options that may be given
 * @param exclusive options of which one may be given
 */
record Requirements(
        String subject, Set<Option> compulsory, Set<Option> legal, Set<Option> exclusive) {
    /** Finds the first fault, in the order of the options. */
    void check(Set<Option> given) throws UsageException {
        Option first = null;
        for (Option option : Option.values()) {
            if (given.contains(option)) {
                first = checkGiven(option, first);
            } else if (compulsory.contains(option)) {
                throw UsageException.fault(
                        "You need to supply the '"
                                + option.label()
                                + "' option for the "
                                + subject);
            }
        }
    }

    private @Nullable Option checkGiven(Option option, @Nullable Option exclusiveBefore)
            throws UsageException {
        if (exclusive.contains(option)) {
            if (exclusiveBefore != null) {
                throw UsageException.fault(
                        "The option '"
                                + option.label()
                                + "' conflicts with the '"
                                + exclusiveBefore.label()
                                + "' option in the "
                                + subject);
            }
            return option;
        }
        if (!compulsory.contains(option) && !legal.contains(option)) {
            throw UsageException.fault(
                    "Illegal '" + option.label() + "' option with the " + subject);
        }
        return exclusiveBefore;
    }
}
