package io.weir.control.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Does something when the process gets SIGHUP, instead of ending.
 *
 * <p>The JDK has this in its module jdk.unsupported alone, which javac warns of in a way that no
 * annotation silences; so the classes are found by their names.
 */
final class HangUpSignal {
    private HangUpSignal() {}

    /**
     * From now on SIGHUP runs the work, on a thread of the JVM's.
     *
     * @return false if it never will: where the process was started with SIGHUP ignored, as by
     *     nohup, the JVM leaves it so
     * @throws IllegalStateException if this JVM does not let signals be handled
     */
    static boolean handle(Runnable work) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler handling =
                    (proxy, method, arguments) ->
                            switch (method.getName()) {
                                case "handle" -> {
                                    work.run();
                                    yield null;
                                }
                                case "equals" ->
                                        System.identityHashCode(proxy)
                                                == System.identityHashCode(arguments[0]);
                                case "hashCode" -> System.identityHashCode(proxy);
                                default -> "SIGHUP";
                            };
            Object proxy =
                    Proxy.newProxyInstance(
                            HangUpSignal.class.getClassLoader(),
                            new Class<?>[] {handler},
                            handling);
            Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
            Object before = signal.getMethod("handle", signal, handler).invoke(null, hangUp, proxy);
            return !handler.getField("SIG_IGN").get(null).equals(before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java does not let SIGHUP be handled", e);
        }
    }
}
