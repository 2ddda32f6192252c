package com.example.shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** A small HTTP service without dependencies: it says hello, and what it runs on. */
public final class Greetings {
    private Greetings() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        String greeting = System.getenv().getOrDefault("GREETING", "Hello");
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, "/", describe(greeting)));
        server.createContext("/healthz", exchange -> answer(exchange, "/healthz", "{\"status\": \"ok\"}"));
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stop(1);
            System.out.println("stopped");
        }));
        System.out.println("listening on " + port);
    }

    private static String describe(String greeting) throws IOException {
        return """
                {"greeting": "%s", "java": %d, "uid": %s, "heap": %d, "processors": %d}""".formatted(
                greeting.replaceAll("[^\\p{L}\\p{N} ]", ""),
                Runtime.version().feature(),
                Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
                Runtime.getRuntime().maxMemory(),
                Runtime.getRuntime().availableProcessors());
    }

    private static void answer(HttpExchange exchange, String path, String json) throws IOException {
        boolean known = exchange.getRequestURI().getPath().equals(path);
        byte[] body = (known ? json : "{\"error\": \"not found\"}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(known ? 200 : 404, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }
}
