// A writer that does to its log whatever programs and rotation tools do, and a reader that is
// stopped at random: every line must be stored once.
#include <map>
#include <random>
#include <set>

#include "collect/tests/followed_files.h"

namespace livedata::collect {
namespace {

/// The log, what it was rotated into, and which lines are where.
class Writer {
 public:
  Writer(std::filesystem::path folder, std::uint64_t seed)
      : folder_(std::move(folder)), random_(seed) {}

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] const Lines& all() const { return all_; }

  void act(const std::set<std::string>& stored) {
    const std::uint64_t action = below(100);
    if (action < 50) {
      write_some();
    } else if (action < 62) {
      rotate_by_renaming();
    } else if (action < 74) {
      rotate_by_copying();
    } else if (action < 86) {
      compress_one();
    } else if (action < 93) {
      delete_oldest(stored);
    } else if (action < 96) {
      delete_live(stored);
    } else {
      rotate_by_renaming();
      if (below(2) == 0) write_some();
      rotate_by_copying();
    }
  }

  /// Ends what was begun.
  void finish() {
    if (!partial_.empty()) write_rest(live());
    while (!half_compressed_.empty()) finish_compressing();
  }

 private:
  struct Rotated {
    Lines lines;
    std::string suffix;  // of its compression
  };

  [[nodiscard]] std::filesystem::path live() const { return folder_ / "app.log"; }
  [[nodiscard]] std::filesystem::path rotated(std::size_t i, const std::string& suffix) const {
    return folder_ / ("app.log." + std::to_string(i + 1) + suffix);
  }
  static void append(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
  }
  static std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void write_some() {
    if (!partial_.empty()) write_rest(live());
    for (std::uint64_t i = below(4); i > 0; --i) {
      begin_line(below(20) == 0 ? 3000 : below(60));
      write_rest(live());
    }
    if (below(3) == 0) {
      begin_line(below(60));
      const std::size_t cut = 1 + below(partial_.size() - 1);
      append(live(), partial_.substr(0, cut));
      partial_.erase(0, cut);
    }
  }
  void begin_line(std::size_t padding) {
    std::string line = "line " + std::to_string(all_.size()) + " " + std::string(padding, 'p');
    all_.push_back(line);
    live_lines_.push_back(line);
    partial_ = line + "\n";
  }
  void write_rest(const std::filesystem::path& path) {
    append(path, partial_);
    partial_.clear();
  }

  void shift() {
    for (std::size_t i = rotated_.size(); i-- > 0;) {
      const std::string& suffix = rotated_[i].suffix;
      if (std::filesystem::exists(rotated(i, suffix)))
        std::filesystem::rename(rotated(i, suffix), rotated(i + 1, suffix));
    }
    rotated_.insert(rotated_.begin(), Rotated{std::exchange(live_lines_, {}), ""});
  }
  void rotate_by_renaming() {
    if (!half_compressed_.empty()) finish_compressing();
    if (!std::filesystem::exists(live())) return;
    shift();
    std::filesystem::rename(live(), rotated(0, ""));
    // Who writes goes on in the old file until it notices.
    if (!partial_.empty()) write_rest(rotated(0, ""));
    if (below(2) == 0) append(live(), "");
  }
  void rotate_by_copying() {
    if (!half_compressed_.empty()) finish_compressing();
    if (!std::filesystem::exists(live())) return;
    if (!partial_.empty()) write_rest(live());
    shift();
    const std::string text = content(live());
    const std::size_t half = below(text.size() + 1);
    append(rotated(0, ""), text.substr(0, half));
    append(rotated(0, ""), text.substr(half));
    std::filesystem::resize_file(live(), 0);
  }
  void compress_one() {
    if (!half_compressed_.empty()) {
      finish_compressing();
      return;
    }
    if (rotated_.empty()) return;
    const std::size_t i = below(rotated_.size());
    if (!rotated_[i].suffix.empty()) return;
    const bool with_zstd = below(2) == 0;
    const std::string text = content(rotated(i, ""));
    half_compressed_ = with_zstd ? zstandard(text) : gzipped(text);
    compressing_ = i;
    rotated_[i].suffix = with_zstd ? ".zst" : ".gz";
    const std::size_t half = below(half_compressed_.size());
    append(rotated(i, rotated_[i].suffix), half_compressed_.substr(0, half));
    half_compressed_.erase(0, half);
    if (below(2) == 0) finish_compressing();
  }
  void finish_compressing() {
    append(rotated(compressing_, rotated_[compressing_].suffix), half_compressed_);
    half_compressed_.clear();
    std::filesystem::remove(rotated(compressing_, ""));
  }
  static bool are_stored(const Lines& lines, const std::set<std::string>& stored) {
    return std::all_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return stored.contains(line); });
  }
  void delete_oldest(const std::set<std::string>& stored) {
    if (rotated_.empty() || !half_compressed_.empty()) return;
    if (!are_stored(rotated_.back().lines, stored)) return;
    std::filesystem::remove(rotated(rotated_.size() - 1, rotated_.back().suffix));
    rotated_.pop_back();
  }
  void delete_live(const std::set<std::string>& stored) {
    if (!partial_.empty() || !are_stored(live_lines_, stored)) return;
    std::filesystem::remove(live());
    live_lines_.clear();
  }

  std::filesystem::path folder_;
  std::mt19937_64 random_;
  Lines all_;
  Lines live_lines_;
  std::vector<Rotated> rotated_;
  std::string partial_;  // what is left to write of a line
  std::string half_compressed_;
  std::size_t compressing_ = 0;
};

class LogFilesRandomTest : public FollowedFiles {
 protected:
  void run(std::uint64_t seed) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    files_.reset();
    records_.clear();
    saved_.clear();
    Writer writer(folder_, seed);
    follow({writer.below(2) == 0 ? "*" : "app.log"});
    options_.use_inotify = writer.below(3) != 0;
    options_.max_open_files = writer.below(2) == 0 ? 0 : 100;
    options_.turn_bytes = writer.below(2) == 0 ? 1 : 1U << 16U;
    options_.batch_bytes = writer.below(2) == 0 ? 1 : 1U << 16U;
    options_.backfill_bytes_per_second = 0;
    options_.pipelines = nullptr;
    if (writer.below(3) == 0) join_by_indentation();
    std::uint64_t refuses = 0;
    refuses_ = [&] { return refuses > 0 && writer.below(refuses) == 0; };
    std::set<std::string> stored;
    work();
    for (int i = 0; i < 200; ++i) {
      writer.act(stored);
      const std::uint64_t action = writer.below(10);
      refuses = writer.below(5) == 0 ? 2 : 0;
      if (action < 4) static_cast<void>(files_->step());
      if (action == 4) clock_.advance(std::chrono::milliseconds(writer.below(4000)));
      if (action == 5) clock_.advance(std::chrono::seconds(11));
      if (action == 6) work();
      if (action == 7) start();
      refuses = 0;
      if (action > 7) static_cast<void>(files_->step());
      for (; taken_ < records_.size(); ++taken_) stored.insert(records_[taken_].line);
      if (taken_ > records_.size()) taken_ = 0;
    }
    writer.finish();
    for (int i = 0; i < 10; ++i) {
      clock_.advance(std::chrono::seconds(11));
      work();
    }
    check(writer.all(), seed);
  }

  void check(const Lines& written, std::uint64_t seed) {
    std::map<std::string, int> counts;
    for (const std::string& line : written) counts[line] = 0;
    for (const Record& record : records_) ++counts[record.line];
    std::string wrong;
    for (const auto& [line, count] : counts) {
      if (count != 1) wrong += "\n" + line.substr(0, 40) + ": " + std::to_string(count) + " times";
    }
    ASSERT_EQ(wrong, "") << "seed " << seed << " patterns " << set_.paths[0].text();
  }
};

TEST_F(LogFilesRandomTest, EveryLineIsStoredOnce) {
  const char* seeds = std::getenv("LIVEDATA_TEST_SEEDS");
  const std::uint64_t count = seeds == nullptr ? 60 : std::stoull(seeds);
  const char* from = std::getenv("LIVEDATA_TEST_FROM");
  const std::uint64_t first = from == nullptr ? 0 : std::stoull(from);
  for (std::uint64_t seed = first; seed < first + count && !HasFatalFailure(); ++seed) {
    taken_ = 0;
    run(seed);
  }
}

}  // namespace
}  // namespace livedata::collect
