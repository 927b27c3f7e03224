package io.weir.control.replay;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The recorded scenarios of the test resources, as folders inside their archive. */
final class Recordings implements AutoCloseable {
    private final FileSystem archive;

    private Recordings(FileSystem archive) {
        this.archive = archive;
    }

    static Recordings open() throws IOException, URISyntaxException {
        return open("recordings.zip");
    }

    /** Those of two balancers that synchronise their connections. */
    static Recordings openSync() throws IOException, URISyntaxException {
        return open("sync.zip");
    }

    private static Recordings open(String name) throws IOException, URISyntaxException {
        URL file = Recordings.class.getResource("/recordings/" + name);
        Path path = Path.of(Objects.requireNonNull(file, name).toURI());
        return new Recordings(FileSystems.newFileSystem(path));
    }

    Path scenario(String name) {
        return archive.getPath("/" + name);
    }

    List<String> names() throws IOException {
        try (Stream<Path> folders = Files.list(archive.getPath("/"))) {
            return folders.map(folder -> folder.getFileName().toString().replace("/", ""))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
