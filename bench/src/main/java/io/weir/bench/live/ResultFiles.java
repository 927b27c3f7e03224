package io.weir.bench.live;

import io.weir.bench.JsonFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files in which results are kept, one for each measure and family. */
final class ResultFiles {
    private final Path directory;

    ResultFiles(Path directory) {
        this.directory = directory;
    }

    /** The results that are there for a measure with rounds of a later run added to them. */
    MeasureResults withAdded(MeasureResults later) throws IOException {
        if (!Files.exists(file(later.measure(), later.family()))) {
            return later;
        }
        MeasureResults all = read(later.measure(), later.family());
        all.addRounds(later);
        return all;
    }

    /** Writes results in the place of older ones of the same measure; returns the file. */
    Path write(MeasureResults results) throws IOException {
        Path file = file(results.measure(), results.family());
        JsonFile.write(file, results);
        return file;
    }

    MeasureResults read(String measure, Family family) throws IOException {
        return JsonFile.read(file(measure, family), MeasureResults.class);
    }

    private Path file(String measure, Family family) {
        return directory.resolve(name(measure, family) + ".json");
    }

    /** What names of files of results begin with: live-MEASURE, and -ipv6 where it is over that. */
    static String name(String measure, Family family) {
        return "live-" + measure + family.suffix();
    }
}
