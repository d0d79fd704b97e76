import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer with nothing but kafka-clients: counts the facts of a topic by type, each once.
 *
 * <pre>java -cp 'libs/*:classes' Consume 127.0.0.1:9092 staffing.outlets.v1 outlets.journal</pre>
 *
 * Its state is a journal on disk: one line a record holds the place, the id, the version and the outcome together, and is
 * forced to disk before the next record is read. A line that a crash has cut is taken back. A system with a database keeps
 * the same four things in one transaction.
 */
public final class Consume {
    private static final String HEARTBEAT = "wangdian.register.heartbeat.v1";

    private final Map<Integer, Long> places = new HashMap<>();
    private final Set<String> inbox = new HashSet<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final Set<String> parkedKeys = new HashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();

    public static void main(String[] given) throws IOException {
        if (given.length != 3) {
            System.err.println("java Consume BOOTSTRAP TOPIC JOURNAL");
            System.exit(2);
        }
        new Consume().run(given[0], given[1], Path.of(given[2]));
    }

    private void run(String bootstrap, String topic, Path journal) throws IOException {
        restore(journal);
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap,
            "enable.auto.commit", false,
            "key.deserializer", ByteArrayDeserializer.class,
            "value.deserializer", ByteArrayDeserializer.class);
        try (var consumer = new KafkaConsumer<byte[], byte[]>(settings);
                var file = new FileOutputStream(journal.toFile(), true)) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (PartitionInfo one : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, one.partition()));
            }
            consumer.assign(partitions);
            var first = consumer.beginningOffsets(partitions);
            var ends = consumer.endOffsets(partitions);
            for (TopicPartition one : partitions) {
                long place = places.getOrDefault(one.partition(), first.get(one));
                if (place < first.get(one) || place > ends.get(one)) {
                    System.err.println(one + " no longer holds offset " + place + ": ask for a replay");
                    System.exit(1);
                }
                consumer.seek(one, place);
            }
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    String line = judge(record);
                    file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    file.getFD().sync();
                    apply(line);
                }
            }
        }
        counts.keySet().stream().sorted().forEach(type -> System.out.println(type + " " + counts.get(type)));
        System.out.println("parked " + parkedKeys.size());
    }

    /** What becomes of a record: partition, next offset, outcome, id, key, version, type, parted by tabs. */
    private String judge(ConsumerRecord<byte[], byte[]> record) {
        String type = header(record, "ce_type");
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        String id = header(record, "ce_source") + " " + header(record, "ce_id");
        String version = header(record, "ce_sequence");
        String outcome;
        if (HEARTBEAT.equals(type)) {
            outcome = "passed";
        } else if (parkedKeys.contains(key) || type.isEmpty() || id.length() < 3 || !version.matches("[0-9]{1,18}")) {
            outcome = "parked";
        } else if (inbox.contains(id)) {
            outcome = "known";
        } else if (versions.getOrDefault(key, 0L) >= Long.parseLong(version)) {
            outcome = "older";
        } else {
            outcome = "taken";
        }
        String shownKey = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        return String.join("\t", "" + record.partition(), "" + (record.offset() + 1), outcome, id, shownKey, version, type);
    }

    private void apply(String line) {
        String[] parts = line.split("\t", -1);
        places.put(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        String key = new String(Base64.getDecoder().decode(parts[4]), StandardCharsets.UTF_8);
        switch (parts[2]) {
            case "taken" -> {
                inbox.add(parts[3]);
                versions.put(key, Long.parseLong(parts[5]));
                counts.merge(parts[6], 1, Integer::sum);
            }
            case "older" -> inbox.add(parts[3]);
            case "parked" -> {
                if (!key.isEmpty()) {
                    parkedKeys.add(key);
                }
            }
            default -> { }
        }
    }

    private void restore(Path journal) throws IOException {
        if (!Files.exists(journal)) {
            return;
        }
        String text = Files.readString(journal);
        int whole = text.lastIndexOf('\n') + 1;
        if (whole < text.length()) {
            Files.writeString(journal, text.substring(0, whole));
        }
        text.substring(0, whole).lines().forEach(this::apply);
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        Header found = record.headers().lastHeader(name);
        return found == null ? "" : new String(found.value(), StandardCharsets.UTF_8);
    }
}
