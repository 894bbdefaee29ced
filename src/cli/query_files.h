#pragma once

#include <string>
#include <vector>

namespace livedata::cli {

/// `livedata query` over log files instead of a server.
struct FilesQuery {
  std::string text;                ///< LogQL; without a selector it is about all lines
  std::vector<std::string> files;  ///< "-" is standard input
  std::string since;               ///< these as `livedata query` takes them; empty: no bound
  std::string from;
  std::string to;
  std::string step;
  std::string limit;
  std::string direction;
  std::string output;  ///< empty: lines for a log query, text for a metric query
};

/// Prints the answer: of a log query line by line as the files are read, in their order. Returns
/// the exit code: as grep's, 1 when there was nothing to print.
int query_files(const FilesQuery& query);

}  // namespace livedata::cli
