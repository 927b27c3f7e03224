package io.weir.control.house;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Checks source files against the rules that need their text or syntax trees. */
final class SourceRules {
    /** A method fits on a screen. */
    static final int METHOD_LINES = 60;

    static final int CLASS_LINES = 400;

    private static final Pattern EMPTY_NAME = Pattern.compile(".*(Utils?|Helpers?|Manager)");

    // Split, so that this file passes its own check.
    private static final Pattern UNWANTED_COMMENT =
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|@auth" + "or|// *[-=*#/]{10}");

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private SourceRules() {}

    /**
     * Checks compilation units, all by one compiler: to make another takes longer than to parse.
     *
     * @param sources by the names that are shown in the findings
     * @param lengths whether the lengths of classes and methods are limited
     * @return one line for each violation
     */
    static List<String> check(Map<String, String> sources, boolean lengths) {
        List<String> found = new ArrayList<>();
        List<Text> texts = new ArrayList<>();
        sources.forEach(
                (name, source) -> {
                    texts.add(new Text(name, source));
                    source.lines()
                            .filter(line -> UNWANTED_COMMENT.matcher(line).find())
                            .map(line -> name + ": unwanted comment: " + line.strip())
                            .forEach(found::add);
                });
        try {
            JavacTask task = (JavacTask) COMPILER.getTask(null, null, null, null, null, texts);
            for (CompilationUnitTree unit : task.parse()) {
                String name = unit.getSourceFile().toUri().getPath().substring(1);
                new Scanner(name, unit, Trees.instance(task), lengths, found).scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String source;

        Text(String name, String source) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.source = source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }
    }

    private static final class Scanner extends TreePathScanner<Void, Void> {
        private final String name;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final boolean lengths;
        private final boolean hot;
        private final List<String> found;

        Scanner(
                String name,
                CompilationUnitTree unit,
                Trees trees,
                boolean lengths,
                List<String> found) {
            this.name = name;
            this.unit = unit;
            this.positions = trees.getSourcePositions();
            this.lengths = lengths;
            this.hot = isHot(unit);
            this.found = found;
        }

        private static boolean isHot(CompilationUnitTree unit) {
            String packageName = unit.getPackageName() + ".";
            return HotPath.PACKAGES.stream()
                    .anyMatch(hot -> packageName.startsWith(hot.substring(0, hot.length() - 1)));
        }

        @Override
        public Void visitClass(ClassTree node, Void unused) {
            String type = node.getSimpleName().toString();
            limit(node, CLASS_LINES, type);
            if (EMPTY_NAME.matcher(type).matches()) {
                report(node, type + " says nothing about what it is");
            }
            return super.visitClass(node, null);
        }

        @Override
        public Void visitMethod(MethodTree node, Void unused) {
            limit(node, METHOD_LINES, node.getName() + "()");
            return super.visitMethod(node, null);
        }

        @Override
        public Void visitSynchronized(SynchronizedTree node, Void unused) {
            if (hot) {
                report(node, "a monitor on the hot path");
            }
            return super.visitSynchronized(node, null);
        }

        private void limit(Tree node, int limit, String what) {
            LineMap lines = unit.getLineMap();
            long start = lines.getLineNumber(positions.getStartPosition(unit, node));
            long end = lines.getLineNumber(positions.getEndPosition(unit, node));
            if (lengths && end - start + 1 > limit) {
                report(node, what + " has " + (end - start + 1) + " lines, more than " + limit);
            }
        }

        private void report(Tree node, String what) {
            long start = positions.getStartPosition(unit, node);
            found.add(name + ":" + unit.getLineMap().getLineNumber(start) + ": " + what);
        }
    }
}
