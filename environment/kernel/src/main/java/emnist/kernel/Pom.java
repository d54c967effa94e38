package emnist.kernel;

import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;

/** Writes the pom.xml that names a cell's libraries. */
final class Pom {

  private static final Pattern PROJECT = Pattern.compile("<project[\\s>]");
  private static final Pattern COORDINATES = Pattern.compile("[^:<>&]+(:[^:<>&]+){2,4}");

  /** Completes dependencies and repositories, loose or in their lists, to a project. */
  private static final String TO_PROJECT =
      """
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:template match="/cell">
          <project>
            <modelVersion>4.0.0</modelVersion>
            <groupId>notebook</groupId>
            <artifactId>cell</artifactId>
            <version>1</version>
            <packaging>pom</packaging>
            <xsl:copy-of select="properties | dependencyManagement"/>
            <dependencies>
              <xsl:copy-of select="dependency | dependencies/dependency"/>
            </dependencies>
            <repositories>
              <xsl:copy-of select="repository | repositories/repository"/>
            </repositories>
          </project>
        </xsl:template>
      </xsl:stylesheet>
      """;

  private Pom() {}

  /**
   * The project of some libraries.
   *
   * @param coordinates {@code group:artifact[:type[:classifier]]:version}, as in IJava
   */
  static String ofCoordinates(List<String> coordinates) throws CellException {
    if (coordinates.isEmpty()) {
      throw expected("group:artifact:version", "nothing");
    }
    StringBuilder xml = new StringBuilder();
    for (String library : coordinates) {
      if (!COORDINATES.matcher(library).matches()) {
        throw expected("group:artifact:version", library);
      }
      String[] parts = library.split(":");
      xml.append("<dependency>");
      append(xml, "groupId", parts[0]);
      append(xml, "artifactId", parts[1]);
      append(xml, "version", parts[parts.length - 1]);
      if (parts.length > 3) {
        append(xml, "type", parts[2]);
      }
      if (parts.length > 4) {
        append(xml, "classifier", parts[3]);
      }
      xml.append("</dependency>");
    }
    return ofXml(xml.toString());
  }

  private static void append(StringBuilder xml, String tag, String text) {
    xml.append(String.format("<%s>%s</%1$s>", tag, text));
  }

  /** The project of dependencies as a library's page shows them; a complete project stays as is. */
  static String ofXml(String xml) throws CellException {
    if (PROJECT.matcher(xml).find()) {
      return xml.strip();
    }
    if (!xml.contains("<dependency>")) {
      throw expected("a <dependency> in XML", "none");
    }
    StringWriter pom = new StringWriter();
    try {
      Transformer transformer =
          TransformerFactory.newDefaultInstance()
              .newTransformer(new StreamSource(new StringReader(TO_PROJECT)));
      transformer.transform(
          new StreamSource(new StringReader("<cell>" + xml + "</cell>")), new StreamResult(pom));
    } catch (TransformerException e) {
      // The parser's message comes after the names of the exceptions around it.
      String message = e.getMessage();
      throw expected(
          "a <dependency> in XML", "an error: " + message.replaceFirst(".*Exception: ", ""));
    }
    return pom.toString();
  }

  private static CellException expected(String expected, String found) {
    return new CellException(
        "CellError",
        String.format(
            "Expected %s, found %s. Copy it from the library's page.",
            expected, found.replaceFirst("\\.$", "")));
  }
}
