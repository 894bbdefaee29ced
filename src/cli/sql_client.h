#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace livedata::cli {

enum class SqlLanguage { kSql, kSearch };

/// Where `livedata sql` and `livedata search` ask, and within which time.
struct SqlTarget {
  SqlLanguage language = SqlLanguage::kSql;
  std::string address;                  ///< of a server
  std::string data_folder;              ///< read without a server, if not empty
  std::vector<std::string> files = {};  ///< the same of log files
  std::string since;                    ///< such as 1h; empty: no bound
  std::string from;
  std::string to;
  std::string limit = {};  ///< rows; empty: no bound
  bool explains = false;   ///< of a search: its steps
};

using WriteBytes = std::function<void(std::string_view)>;

/// Runs queries, on a server or over a folder. Used by one thread.
class SqlClient {
 public:
  virtual ~SqlClient() = default;
  /// Gives the answer's bytes in a format of the API to `write`.
  virtual Result<void> run(const std::string& query, const std::string& format,
                           const WriteBytes& write) = 0;
  Result<std::string> run(const std::string& query, const std::string& format);
};

/// `deadline` ends the reading of files and the queries of folders and files.
Result<std::unique_ptr<SqlClient>> make_sql_client(SqlTarget target, const Deadline& deadline);

}  // namespace livedata::cli
