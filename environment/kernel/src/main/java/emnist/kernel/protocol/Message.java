package emnist.kernel.protocol;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A message of the Jupyter protocol.
 *
 * @param channel the channel that it came from or goes to
 * @param identities the sockets that it came from or goes to
 * @param parent the header of the request that this message belongs to, or an empty object
 */
public record Message(
    Channel channel,
    List<byte[]> identities,
    JsonObject header,
    JsonObject parent,
    JsonObject content) {

  /** The version of the protocol that this kernel speaks. */
  public static final String PROTOCOL = "5.3";

  private static final byte[] DELIMITER = "<IDS|MSG>".getBytes(StandardCharsets.US_ASCII);
  private static final String SESSION = UUID.randomUUID().toString();

  /** Gson refuses more than 255 levels of nesting. */
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().setStrictness(Strictness.STRICT).create();

  /** Reads a message from the frames that a socket received. */
  static Message parse(Channel channel, List<byte[]> frames, Signatures signatures)
      throws MalformedMessage {
    int delimiter = 0;
    while (delimiter < frames.size() && !Arrays.equals(frames.get(delimiter), DELIMITER)) {
      delimiter++;
    }
    // After the delimiter: signature, header, parent header, metadata, content, and any buffers.
    if (frames.size() < delimiter + 6) {
      throw new MalformedMessage("parts of it are missing");
    }
    List<byte[]> parts = frames.subList(delimiter + 2, delimiter + 6);
    signatures.check(frames.get(delimiter + 1), parts);
    List<JsonObject> objects = new ArrayList<>();
    for (byte[] part : parts) {
      objects.add(objectOf(part));
    }
    JsonObject header = headerOf(objects.get(0));
    List<byte[]> identities = List.copyOf(frames.subList(0, delimiter));
    return new Message(channel, identities, header, objects.get(1), objects.get(3));
  }

  /** The frames that a socket sends. */
  List<byte[]> frames(Signatures signatures) {
    List<byte[]> parts = new ArrayList<>();
    for (JsonObject part : List.of(header, parent, new JsonObject(), content)) {
      parts.add(GSON.toJson(part).getBytes(StandardCharsets.UTF_8));
    }
    List<byte[]> frames = new ArrayList<>(identities);
    frames.add(DELIMITER);
    frames.add(signatures.sign(parts));
    frames.addAll(parts);
    return frames;
  }

  /** A status that belongs to no request. */
  public static Message status(String state) {
    Map<String, String> content = Map.of("execution_state", state);
    return create(Channel.IOPUB, List.of(), "status", new JsonObject(), content);
  }

  /** A message on another channel or the same one, to where this request came from. */
  public Message answer(Channel channel, String type, Object content) {
    return create(channel, identities, type, header, content);
  }

  /** A message to all front ends that belongs to this request. */
  public Message publish(String type, Object content) {
    return create(Channel.IOPUB, List.of(), type, header, content);
  }

  private static Message create(
      Channel channel, List<byte[]> identities, String type, JsonObject parent, Object content) {
    Map<String, String> header =
        Map.of(
            "msg_id",
            UUID.randomUUID().toString(),
            "msg_type",
            type,
            "session",
            SESSION,
            "username",
            "kernel",
            "date",
            Instant.now().truncatedTo(ChronoUnit.MICROS).toString(),
            "version",
            PROTOCOL);
    return new Message(channel, identities, json(header), parent, json(content));
  }

  /** An object such as a map in JSON. */
  public static JsonObject json(Object value) {
    return GSON.toJsonTree(value).getAsJsonObject();
  }

  public String id() {
    return header.get("msg_id").getAsString();
  }

  public String type() {
    return header.get("msg_type").getAsString();
  }

  /** A text in the content. */
  public String text(String name) throws MalformedMessage {
    return textOf(content, name);
  }

  /** An object in the content, or an empty one if it is missing. */
  public JsonObject object(String name) throws MalformedMessage {
    JsonElement value = content.get(name);
    if (value == null) {
      return new JsonObject();
    }
    if (value instanceof JsonObject object) {
      return object;
    }
    throw new MalformedMessage("its " + name + " is not an object");
  }

  /** A truth value in the content. */
  public boolean flag(String name, boolean otherwise) throws MalformedMessage {
    JsonElement value = content.get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw new MalformedMessage("its " + name + " is not true or false");
  }

  /** A whole number in the content. */
  public int number(String name) throws MalformedMessage {
    try {
      if (content.get(name) instanceof JsonPrimitive primitive && primitive.isNumber()) {
        return primitive.getAsInt();
      }
    } catch (NumberFormatException e) {
      // Falls through to the error.
    }
    throw new MalformedMessage("its " + name + " is not a whole number");
  }

  private static String textOf(JsonObject object, String name) throws MalformedMessage {
    if (object.get(name) instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw new MalformedMessage("its " + name + " is not a text");
  }

  /**
   * The fields that the protocol names. They go back as the parent header of the answers, and some
   * front ends fail on one with other fields or with a date that is none.
   */
  private static JsonObject headerOf(JsonObject received) throws MalformedMessage {
    JsonObject header = new JsonObject();
    for (String name : List.of("msg_id", "msg_type")) {
      header.addProperty(name, textOf(received, name));
    }
    for (String name : List.of("session", "username", "version", "date")) {
      if (received.get(name) instanceof JsonPrimitive value && value.isString()) {
        header.add(name, value);
      }
    }
    try {
      DateTimeFormatter.ISO_DATE_TIME.parse(textOf(header, "date"));
    } catch (MalformedMessage | DateTimeParseException e) {
      header.remove("date");
    }
    return header;
  }

  private static JsonObject objectOf(byte[] part) throws MalformedMessage {
    try {
      JsonObject object = GSON.fromJson(new String(part, StandardCharsets.UTF_8), JsonObject.class);
      if (object != null) {
        return object;
      }
    } catch (JsonParseException e) {
      // Falls through to the error.
    }
    throw new MalformedMessage("a part of it is not a JSON object");
  }
}
