package io.weir.bench.live;

import io.weir.bench.JsonFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files in which results are kept, one for each measure: live-NAME.json. */
final class ResultFiles {
    private final Path directory;

    ResultFiles(Path directory) {
        this.directory = directory;
    }

    /** The results that are there for a measure with rounds of a later run added to them. */
    MeasureResults withAdded(MeasureResults later) throws IOException {
        if (!Files.exists(file(later.measure()))) {
            return later;
        }
        MeasureResults all = read(later.measure());
        all.addRounds(later);
        return all;
    }

    /** Writes results in the place of older ones of the same measure; returns the file. */
    Path write(MeasureResults results) throws IOException {
        Path file = file(results.measure());
        JsonFile.write(file, results);
        return file;
    }

    MeasureResults read(String measure) throws IOException {
        return JsonFile.read(file(measure), MeasureResults.class);
    }

    Path file(String measure) {
        return directory.resolve("live-" + measure + ".json");
    }
}
