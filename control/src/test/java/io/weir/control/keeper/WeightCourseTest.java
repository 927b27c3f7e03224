package io.weir.control.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slow start and load, as nanny has them. */
class WeightCourseTest {
    @Test
    void aSlowStartDoublesUntilTheWeightIsWhole() {
        WeightCourse course = new WeightCourse(100, true, 20_000);
        assertThat(course.weight()).isEqualTo(100);
        course.enter(1_000);
        StringBuilder weights = new StringBuilder();
        for (long now = 1_000; now <= 161_000; now += 20_000) {
            course.advance(now);
            weights.append(course.weight()).append(' ');
        }
        assertThat(weights.toString()).isEqualTo("3 6 12 24 48 96 100 100 100 ");
        assertThat(course.starting()).isFalse();
    }

    @Test
    void aSmallWeightStartsWithOne() {
        WeightCourse course = new WeightCourse(3, true, 10);
        course.enter(0);
        assertThat(course.weight()).isEqualTo(1);
        course.advance(25);
        assertThat(course.weight()).isEqualTo(3);
        course.rebase(0);
        course.enter(100);
        assertThat(course.weight()).isZero();
        assertThat(course.starting()).isFalse();
    }

    @Test
    void anotherWeightWhileItStartsIsTheNewGoal() {
        WeightCourse course = new WeightCourse(64, true, 10);
        course.enter(0);
        course.advance(10);
        assertThat(course.weight()).isEqualTo(4);
        course.configure(10, true, 10);
        course.advance(20);
        assertThat(course.weight()).isEqualTo(8);
        course.advance(30);
        assertThat(course.weight()).isEqualTo(10);
        course.enter(40);
        course.configure(10, false, 10);
        assertThat(course.weight()).isEqualTo(10);
    }

    // The formula of lvs-features.md 3: half the weight times the cube root of the distance to 1.
    @ParameterizedTest
    @CsvSource({
        "100, 100, 0, 150",
        "100, 150, 0, 200",
        "100, 950, 0, 1000",
        "100, 1000, 0, 1000",
        "100, 100, 0.875, 125",
        "100, 100, 0.9, 100",
        "100, 150, 1, 150",
        "100, 150, 2, 100",
        "100, 200, 9, 100",
        "100, 100, 9, 100",
        "100, 150, -1, 150",
        "100, 150, NaN, 150",
        "1, 1, 0, 1",
        "2, 2, 0, 3",
        "0, 0, 0, 0"
    })
    void loadMovesTheWeight(int base, int weight, double load, int expected) {
        WeightCourse course = new WeightCourse(base, false, 0);
        while (course.weight() < weight) {
            int before = course.weight();
            course.follow(before + base / 2 <= weight ? 0 : loadFor(weight - before, base));
            assertThat(course.weight()).isGreaterThan(before);
        }
        course.follow(load);
        assertThat(course.weight()).isEqualTo(expected);
    }

    /** The load that raises a weight by so much. */
    private static double loadFor(int by, int base) {
        return 1 - Math.pow(by / (base / 2.0) + 1e-9, 3);
    }
}
