#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collect/remote/remote_spec.h"

namespace livedata::collect::remote {

/// What runs on the other machine: a script for any POSIX shell, which is sent over its input and
/// defines what can be asked for, then answers one line after another until its input ends. Every
/// answer ends with a line "MARK TAG" on standard output. Standard error carries the journal.
std::string far_side_script(std::string_view mark);

/// The command that ssh runs to read a script of so many bytes from its input and obey it.
std::string far_side_command(std::size_t script_bytes);

/// Requests, each a line of shell; the tag comes in front. Words of outside are quoted.
namespace request {

// Files below /proc and /sys, in the form of head(1).
inline constexpr std::string_view kFast = "fast";
inline constexpr std::string_view kMedium = "medium";
inline constexpr std::string_view kIdentity = "identity";
inline constexpr std::string_view kSystem = "system";
inline constexpr std::string_view kInterfaces = "interfaces";
inline constexpr std::string_view kTemperatures = "temperatures";
inline constexpr std::string_view kCgroups = "cgroups";
/// Lines of /proc/PID/stat.
inline constexpr std::string_view kProcesses = "processes";
/// "STATE COUNT": sockets of TCP by state, in hexadecimal.
inline constexpr std::string_view kTcp = "tcp";
inline constexpr std::string_view kUnits = "units";
/// "SECONDS[.NANOSECONDS] +HHMM"
inline constexpr std::string_view kClock = "clock";

/// "ticks per second", "bytes of a page", "machine", one per line; empty where unknown.
inline constexpr std::string_view kConstants = "constants";

/// "ended" when the journal is not followed any more, though it was.
inline constexpr std::string_view kJournalRuns = "journal_runs";

/// Files of processes, in the form of head(1).
std::string details(std::span<const std::int64_t> pids);
/// Their command lines, each an answer of its own with the tag "p PID".
std::string commands(std::span<const std::int64_t> pids);
/// df(1) of space in KiB, an empty line, and df of inodes.
std::string disk_usage(const std::vector<std::string>& mounts);
/// What journalctl says of one entry and of its own rights.
std::string try_journal(const RemoteSpec& spec);
/// Starts the journal on standard error: a line with the mark and "journal", then entries in the
/// export format, from the one with this cursor on; "": from `backlog_seconds` ago on.
std::string follow_journal(const RemoteSpec& spec, std::string_view cursor,
                           std::int64_t backlog_seconds);
/// ls(1) with inode and size.
std::string list_files(const std::vector<std::string>& patterns);
/// A line of ls of a file, and up to `blocks` blocks of it from block `first` on.
std::string read_file(std::string_view path, std::uint64_t first, std::uint64_t blocks);

inline constexpr std::uint64_t kBlockBytes = 4096;

}  // namespace request

/// One word for a shell, whatever is in it.
std::string shell_quoted(std::string_view text);

}  // namespace livedata::collect::remote
