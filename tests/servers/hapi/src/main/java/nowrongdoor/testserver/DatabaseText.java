package nowrongdoor.testserver;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.sql.DataSource;

/** Every cell of every table as text, so that a test can search all that the server keeps, not only what FHIR shows. */
class DatabaseText extends HttpServlet {
  private final transient DataSource database;

  DatabaseText(DataSource database) {
    this.database = database;
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.setContentType("text/plain; charset=utf-8");
    PrintWriter out = response.getWriter();
    try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
      for (String table : tables(statement)) {
        write(statement, table, out);
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  private static List<String> tables(Statement statement) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(
        "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC' ORDER BY 1")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static void write(Statement statement, String table, PrintWriter out) throws SQLException, IOException {
    try (ResultSet rows = statement.executeQuery("SELECT * FROM \"" + table + '"')) {
      ResultSetMetaData columns = rows.getMetaData();
      while (rows.next()) {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          out.print(table + '.' + columns.getColumnName(i) + '=' + text(rows, i) + '\n');
        }
      }
    }
  }

  private static String text(ResultSet rows, int column) throws SQLException, IOException {
    Object cell = rows.getObject(column);
    if (cell instanceof Clob clob) {
      return clob.getSubString(1, (int) clob.length());
    }
    if (cell instanceof java.sql.Blob || cell instanceof byte[]) {
      return decoded(rows.getBytes(column));
    }
    return String.valueOf(cell);
  }

  /** HAPI keeps larger resources gzipped. */
  private static String decoded(byte[] bytes) throws IOException {
    boolean gzipped = bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b;
    if (!gzipped) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
