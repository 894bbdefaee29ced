#include <thread>

#include "cli/top/first_model.h"
#include "cli/top/machine_feed.h"
#include "cli/top/screen.h"
#include "cli/top/session.h"
#include "server/json/json_writer.h"

namespace livedata::cli::top {
namespace {

using server::JsonWriter;

/// The model with one snapshot; rates are of the interval.
Result<Model> model_with_figures(const Options& options) {
  Model model = first_model(options);
  const ServerRecords server(options.server);
  MachineFeed feed(server);
  const MachineFeed::Wanted wanted{
      .host = model.host, .is_local = model.is_local, .moment = std::nullopt};
  const SystemClock clock;
  if (model.is_local) {
    LIVEDATA_TRY(const Snapshot first, feed.sample(wanted, clock.now()));
    std::this_thread::sleep_for(options.interval);
  }
  LIVEDATA_TRY(Snapshot snapshot, feed.sample(wanted, clock.now()));
  model.now = clock.now();
  take_snapshot(model, std::move(snapshot));
  return model;
}

class PageWriter {
 public:
  std::string write(const Model& model) {
    json_.begin_object();
    text("host", model.host);
    text("from", model.is_local ? "this machine" : "server");
    number("time", model.snapshot.host.time);
    write_host(model.snapshot.host);
    json_.key("processes").begin_array();
    for (const Row& row : model.list.rows) write_process(model.list.processes[row.process]);
    json_.end_array().end_object();
    return json_.take() + "\n";
  }

 private:
  void text(std::string_view key, std::string_view value) { json_.key(key).string(value); }
  void number(std::string_view key, double value) { json_.key(key).number(value); }
  void number(std::string_view key, std::int64_t value) {
    json_.key(key).raw(std::to_string(value));
  }

  void write_host(const HostFigures& host) {
    if (host.uptime_seconds) number("uptime_seconds", *host.uptime_seconds);
    if (host.cpu) {
      json_.key("cpu").begin_object();
      number("busy_percent", host.cpu->busy);
      number("user_percent", host.cpu->user);
      number("system_percent", host.cpu->system);
      number("iowait_percent", host.cpu->iowait);
      number("steal_percent", host.cpu->steal);
      json_.key("cores").begin_array();
      for (const auto& [core, busy] : host.cores) json_.number(busy);
      json_.end_array().end_object();
    }
    if (host.load) {
      json_.key("load").begin_array();
      json_.number(host.load->one).number(host.load->five).number(host.load->fifteen).end_array();
    }
    if (host.memory) {
      json_.key("memory").begin_object();
      number("total_bytes", host.memory->total);
      number("used_bytes", host.memory->used);
      number("swap_total_bytes", host.memory->swap_total);
      number("swap_used_bytes", host.memory->swap_used);
      json_.end_object();
    }
    write_pressure_and_traffic(host);
    if (host.tasks) {
      json_.key("tasks").begin_object();
      number("processes", host.tasks->processes);
      number("threads", host.tasks->threads);
      number("running", host.tasks->running);
      number("zombies", host.tasks->zombies);
      json_.end_object();
    }
  }

  void write_pressure_and_traffic(const HostFigures& host) {
    json_.key("pressure").begin_object();
    for (const auto& [resource, percent] : host.pressure) number(resource, percent);
    json_.end_object();
    const DiskFigures disk = total(host.disks);
    json_.key("disk").begin_object();
    number("read_bytes_per_second", disk.read);
    number("written_bytes_per_second", disk.written);
    number("busy_percent", disk.busy_percent);
    json_.end_object();
    const NetworkFigures network = total(host.networks);
    json_.key("network").begin_object();
    number("received_bytes_per_second", network.received);
    number("sent_bytes_per_second", network.sent);
    json_.end_object();
  }

  void write_process(const ProcessFigures& process) {
    json_.begin_object();
    number("pid", process.pid);
    number("parent", process.parent);
    text("user", process.user);
    text("name", process.name);
    text("command", process.command);
    text("state", std::string_view(&process.state, 1));
    number("cpu_percent", process.cpu_percent);
    number("memory_bytes", process.memory_bytes);
    number("threads", process.threads);
    number("start_time", process.start_time);
    if (process.open_files) number("open_files", *process.open_files);
    if (process.read_rate) number("read_bytes_per_second", *process.read_rate);
    if (process.written_rate) number("written_bytes_per_second", *process.written_rate);
    if (!process.unit.empty()) text("unit", process.unit);
    if (!process.container.empty()) text("container", process.container);
    json_.end_object();
  }

  JsonWriter json_;
};

}  // namespace

Result<std::string> text_page(const Options& options, int width) {
  LIVEDATA_TRY(Model model, model_with_figures(options));
  return draw_report(std::move(model), width);
}

Result<std::string> json_page(const Options& options) {
  LIVEDATA_TRY(const Model model, model_with_figures(options));
  return PageWriter().write(model);
}

}  // namespace livedata::cli::top
