#include "cli/sql_shell.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/core.h>

#include "base/utf8.h"
#include "cli/line_editor.h"
#include "cli/sql_table.h"
#include "cli/sql_words.h"

namespace livedata::cli {
namespace {

constexpr std::string_view kPrompt = "sql> ";
constexpr std::string_view kMorePrompt = "  -> ";

/// The terminal gives every key as it is, as long as this lives.
class RawTerminal {
 public:
  RawTerminal() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  }
  ~RawTerminal() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  termios before_{};
};

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

void write_out(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

/// Splits what was typed into keys.
class KeyReader {
 public:
  /// The next key; empty: the terminal is gone.
  std::string next() {
    std::string key(1, '\0');
    if (!read_byte(key[0])) return {};
    if (key[0] == '\x1b') {
      read_sequence(key);
    } else {
      while (key.size() < 4 && static_cast<unsigned char>(key[0]) >= 0xC0 &&
             utf8_length(key) == 0 && append(key)) {
      }
    }
    return key;
  }

 private:
  static bool read_byte(char& byte) { return ::read(STDIN_FILENO, &byte, 1) == 1; }
  static bool append(std::string& key) {
    char byte = 0;
    if (!read_byte(byte)) return false;
    key += byte;
    return true;
  }
  /// ESC [ parameters letter, or ESC O letter.
  static void read_sequence(std::string& key) {
    if (!append(key) || (key[1] != '[' && key[1] != 'O')) return;
    while (key.size() < 8 && append(key)) {
      const char c = key.back();
      if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '~') return;
    }
  }
};

/// Lines, with their own line ends written as "\n", in a file of the user's own.
std::filesystem::path history_file() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  const std::filesystem::path folder =
      state != nullptr && *state != '\0'
          ? std::filesystem::path(state)
          : std::filesystem::path(home == nullptr ? "." : home) / ".local" / "state";
  return folder / "livedata" / "sql_history";
}

std::vector<std::string> load_history() {
  std::vector<std::string> lines;
  std::ifstream file(history_file());
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

void save_history(const std::vector<std::string>& lines) {
  std::error_code ignored;
  std::filesystem::create_directories(history_file().parent_path(), ignored);
  std::ofstream file(history_file(), std::ios::trunc);
  for (const std::string& line : lines) file << line << '\n';
  std::filesystem::permissions(
      history_file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
      ignored);
}

std::vector<std::string> names_of(SqlClient& client) {
  const auto answer = client.run(
      "SELECT DISTINCT unnest([table_name, column_name]) FROM information_schema.columns "
      "WHERE table_schema = 'main'",
      "csv");
  std::vector<std::string> names;
  if (!answer) return names;
  std::istringstream lines(*answer);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    while (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  return names;
}

class Shell {
 public:
  explicit Shell(SqlClient& client)
      : client_(client),
        words_(names_of(client)),
        editor_([this](std::string_view word) { return words_.starting_with(word); }) {
    editor_.set_history(load_history());
  }

  int run() {
    write_out(
        "SQL over logs and host metrics. A query ends with a semicolon; SHOW TABLES; lists the "
        "tables, Ctrl-D ends.\n");
    while (const auto statement = read_statement()) {
      if (is_farewell(*statement)) break;
      answer(*statement);
    }
    save_history(editor_.history());
    return 0;
  }

 private:
  static bool is_farewell(const std::string& statement) {
    return statement == "quit" || statement == "exit" || statement == "\\q";
  }

  /// One or more lines; nothing at the end.
  std::optional<std::string> read_statement() {
    std::string statement;
    for (;;) {
      const auto line = read_line(statement.empty() ? kPrompt : kMorePrompt);
      if (!line) return std::nullopt;
      if (*line == std::string(1, '\x03')) {
        statement.clear();
        continue;
      }
      statement += (statement.empty() ? "" : " ") + *line;
      if (statement.find_first_not_of(' ') == std::string::npos) statement.clear();
      if (statement.empty()) continue;
      if (!ends_statement(statement) && !is_farewell(statement)) continue;
      editor_.remember(statement);
      return statement;
    }
  }

  /// A line; "\x03" for one that was cancelled; nothing at the end.
  std::optional<std::string> read_line(std::string_view prompt) {
    const RawTerminal raw;
    for (;;) {
      write_out(editor_.render(prompt, terminal_width()));
      const std::string key = keys_.next();
      const LineEditor::Event event = key.empty() ? LineEditor::Event::kEnd : editor_.feed(key);
      if (const std::string notice = editor_.take_notice(); !notice.empty())
        write_out(notice.front() == '\x1b' ? notice : "\r\n" + notice + "\r\n");
      if (event == LineEditor::Event::kNone) continue;
      write_out("\r\n");
      if (event == LineEditor::Event::kEnd) return std::nullopt;
      if (event == LineEditor::Event::kCancel) return std::string(1, '\x03');
      return editor_.take_line();
    }
  }

  void answer(const std::string& statement) {
    const auto json = client_.run(statement, "json");
    const auto table = json ? format_sql_table(*json, terminal_width()) : json;
    write_out(table ? *table + "\n" : table.error().message + "\n");
  }

  SqlClient& client_;
  SqlWords words_;
  LineEditor editor_;
  KeyReader keys_;
};

}  // namespace

int run_sql_shell(SqlClient& client) { return Shell(client).run(); }

}  // namespace livedata::cli
