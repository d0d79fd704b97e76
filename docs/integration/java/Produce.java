import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A producer with nothing but kafka-clients: core banking tells of the final pay-out of a contract.
 *
 * <pre>java -cp 'libs/*:classes' Produce 127.0.0.1:9092 SALE_ID CONTRACT_NO 2026-03-02 5000000</pre>
 *
 * The id of the fact follows from what it tells: a repetition after a crash is the same fact and takes effect once.
 */
public final class Produce {
    private static final String TOPIC = "corebanking.contracts.v1";
    private static final String TYPE = "corebanking.contract.paid_out.v1";

    public static void main(String[] given) throws Exception {
        if (given.length != 5) {
            System.err.println("java Produce BOOTSTRAP SALE_ID CONTRACT_NO PAID_OUT_ON AMOUNT_MINOR");
            System.exit(2);
        }
        String sale = UUID.fromString(given[1]).toString();
        String data = String.format(
            "{\"sale_id\": \"%s\", \"contract_no\": \"%s\", \"paid_out_on\": \"%s\", \"final\": true, "
                + "\"amount_minor\": %d, \"currency\": \"CNY\"}",
            sale, given[2].replaceAll("[^A-Za-z0-9-]", ""), given[3], Long.parseLong(given[4]));
        var record = new ProducerRecord<>(TOPIC, sale, data);
        Map<String, String> headers = Map.of(
            "content-type", "application/json",
            "ce_specversion", "1.0",
            "ce_id", UUID.nameUUIDFromBytes(data.getBytes(StandardCharsets.UTF_8)).toString(),
            "ce_source", "/corebanking",
            "ce_type", TYPE,
            "ce_time", Instant.now().toString(),
            "ce_subject", sale,
            "ce_partitionkey", sale);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", given[0],
            "acks", "all",
            "key.serializer", StringSerializer.class,
            "value.serializer", StringSerializer.class);
        try (var producer = new KafkaProducer<String, String>(settings)) {
            var told = producer.send(record).get();
            System.out.println(TOPIC + " " + told.partition() + ":" + told.offset() + " " + TYPE + " acknowledged");
        }
    }
}
