#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/top/figures.h"
#include "cli/top/fuzzy.h"

namespace livedata::cli::top {

enum class SortKey { kCpu, kMemory, kIo, kThreads, kPid, kUser, kName, kStart };

/// In the order in which < and > go through them.
constexpr std::array<std::pair<SortKey, std::string_view>, 8> kSortKeys = {
    {{SortKey::kPid, "pid"},
     {SortKey::kUser, "user"},
     {SortKey::kCpu, "cpu"},
     {SortKey::kMemory, "memory"},
     {SortKey::kThreads, "threads"},
     {SortKey::kIo, "io"},
     {SortKey::kStart, "start"},
     {SortKey::kName, "name"}}};

std::string_view name_of(SortKey key);
std::optional<SortKey> sort_key_of(std::string_view name);

/// How the processes are to be listed.
struct Order {
  SortKey key = SortKey::kCpu;
  bool reverse = false;  ///< figures: smallest first; names, users and numbers: last first
  bool tree = false;     ///< children below their parents
  bool grouped = false;  ///< one row for each name; goes before `tree`
};

/// Texts of a process that a filter looks into.
enum MatchedText : std::size_t {
  kMatchedName,
  kMatchedCommand,
  kMatchedUser,
  kMatchedPid,
  kMatchedUnit
};
constexpr std::size_t kMatchedTexts = 5;

struct Row {
  std::size_t process = 0;  ///< index in Arrangement::processes
  std::string branches;     ///< of the tree, such as "│  └─ "
  bool is_context = false;  ///< shown because of a process below it, not because it matches
  std::array<std::vector<std::size_t>, kMatchedTexts> places;  ///< bytes that matched
};

struct Arrangement {
  std::vector<ProcessFigures> processes;  ///< or groups of them
  std::vector<Row> rows;                  ///< those that are shown, in their order
  std::size_t num_matching = 0;
};

/// Lists processes: filtered, grouped and in order. With a filter, rows in which its letters stand
/// at the start of a word come before those where they stand within one, and these before those
/// where they are apart; within each the sort key decides.
Arrangement arrange(std::vector<ProcessFigures> processes, const Filter& filter,
                    const Order& order);

}  // namespace livedata::cli::top
