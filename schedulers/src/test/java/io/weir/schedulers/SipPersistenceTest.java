package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.spi.PersistenceEngine;

import org.junit.jupiter.api.Test;

/** What it finds in a message is {@link SipCallIdTest}'s; here is how it is had. */
final class SipPersistenceTest {
    @Test
    void isKnownByName() {
        PersistenceEngine sip = new Schedulers().persistenceEngine("sip");
        assertThat(sip).isNotNull();
        assertThat(sip.name()).isEqualTo("sip");
        assertThat(new Schedulers().persistenceEngine("SIP")).isNull();
    }
}
