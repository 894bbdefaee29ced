#include <random>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "collect/host/host_metrics.h"
#include "collect/host/tests/recorded_tree.h"

namespace livedata::collect::host {
namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound == 0 ? 0 : bound - 1)(random);
}

/// The text with something changed: bytes, a part left out or doubled, huge numbers.
std::string mutated(std::string text, Random& random) {
  constexpr std::string_view kNasty[] = {"18446744073709551616", "-1",  ":",  "(", ")",    "\n",
                                         "9223372036854775807",  "nan", "\0", " ", "\xFF", "1e308"};
  for (std::size_t n = 1 + below(random, 4); n > 0; --n) {
    const std::size_t at = below(random, text.size() + 1);
    const std::size_t size = std::min(below(random, 40), text.size() - at);
    switch (below(random, 5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(below(random, 256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      case 3:
        text.insert(at, kNasty[below(random, std::size(kNasty))]);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

/// A page that Prometheus would take: every line is a comment or NAME{...} VALUE, and the samples
/// of a name stand together.
void check_page(const std::string& page) {
  std::istringstream lines(page);
  std::set<std::string> names;
  std::set<std::string> series;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) continue;
    if (line.starts_with("# HELP ")) {
      ASSERT_TRUE(names.insert(line.substr(7, line.find(' ', 7) - 7)).second) << line;
      continue;
    }
    ASSERT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
    const std::size_t name_end = line.find_first_of("{ ");
    ASSERT_NE(name_end, std::string::npos) << line;
    ASSERT_GT(name_end, 0U) << line;
    for (const char c : line.substr(0, name_end)) {
      ASSERT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':') << line;
    }
    ASSERT_NE(line.find_last_of(' '), std::string::npos) << line;
  }
}

TEST(PropertyTest, MutatedKernelFilesAreHarmless) {
  std::vector<std::pair<std::string, std::string>> files;
  each_file("web1_before", [&](const std::string& path, const std::string& text) {
    files.emplace_back(path, text);
  });
  ASSERT_GT(files.size(), 50U);
  const FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  constexpr unsigned kRuns = 150;
  for (unsigned seed = 1; seed <= kRuns; ++seed) {
    Random random(seed);
    auto source = std::make_unique<SnapshotSource>();
    SnapshotSource& kernel = *source;
    HostMetrics metrics({.host = "h", .intervals = {}}, std::move(source), logger);
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    for (int round = 0; round < 4; ++round) {
      for (const auto& [path, text] : files) {
        // Missing, as it was, or broken.
        const std::size_t fate = below(random, 4);
        if (fate == 0) kernel.remove(path);
        if (fate == 1) kernel.put(path, text);
        if (fate >= 2) kernel.put(path, mutated(text, random));
      }
      metrics.collect(1'700'000'000'000'000'000, now);
      now += std::chrono::seconds(60);
      ASSERT_NO_FATAL_FAILURE(check_page(metrics.render())) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace livedata::collect::host
