// Every metric: the members of the health message by their Prometheus names.

namespace EdgeLstm.Worker.Health;

/// <summary>The rows, in the order in which they are written.</summary>
internal static class MetricTable
{
    private const string Device = "", Mqtt = "mqtt", Outbox = "outbox", Streams = "streams", Devices = "devices";
    private const string Coverage = "coverage", Adapting = "adapting";
    private const double Nanoseconds = 1e-9, Milliseconds = 1e-3;

    /// <summary>All rows; names differ.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new(Device, "uptimeSeconds", "edgelstm_uptime_seconds", "Time since the service was started."),
        new(Device, "residentBytes", "edgelstm_resident_memory_bytes", "Resident memory of the process."),
        new(Device, "allocatedBytes", "edgelstm_allocated_bytes_total", "Managed bytes allocated by all threads."),
        new(Device, "collections", "edgelstm_collections_total", "Garbage collections."),
        new(Device, "reloads", "edgelstm_reloads_total", "Times the configuration was taken anew."),
        new(Device, "reloadsRefused", "edgelstm_reloads_refused_total", "Times it was refused."),
        new(Device, "statesSaved", "edgelstm_states_saved_total", "States of streams written."),
        new(Device, "statesFailed", "edgelstm_states_failed_total", "States that could not be written."),
        new(Device, "stateBytesWritten", "edgelstm_state_written_bytes_total", "Bytes of the states written."),
        new(Device, "logLinesHeldBack", "edgelstm_log_lines_held_back_total", "Log lines beyond the limit of their kind."),

        new(Mqtt, "connected", "edgelstm_mqtt_connected", "1 while the broker has accepted this device."),
        new(Mqtt, "published", "edgelstm_mqtt_published_total", "Messages handed over for sending."),
        new(Mqtt, "acknowledged", "edgelstm_mqtt_acknowledged_total", "Messages that the broker has acknowledged."),
        new(Mqtt, "rejected", "edgelstm_mqtt_rejected_total", "Messages that the client library refused: lost."),
        new(Mqtt, "reconnects", "edgelstm_mqtt_reconnects_total", "Connections after the first."),
        new(Mqtt, "droppedRecords", "edgelstm_mqtt_dropped_records_total", "Samples that neither memory nor disk had room for."),
        new(Mqtt, "droppedEvents", "edgelstm_mqtt_dropped_events_total", "Events that neither memory nor disk had room for."),
        new(Mqtt, "backlogRecords", "edgelstm_mqtt_backlog_records", "Records that wait for the broker."),
        new(Mqtt, "allocatedBytes", "edgelstm_mqtt_allocated_bytes_total", "Managed bytes allocated by the broker's thread."),
        new(Mqtt, "refusedRequests", "edgelstm_mqtt_refused_requests_total", "Requests dropped."),
        new(Mqtt, "received", "edgelstm_mqtt_received_total", "Messages that streams read."),
        new(Mqtt, "receivedRetained", "edgelstm_mqtt_received_retained_total", "Retained messages on their topics, dropped."),

        new(Outbox, "problem", "edgelstm_outbox_problem", "1 while the disk cannot be used."),
        new(Outbox, "records", "edgelstm_outbox_records", "Records on the disk."),
        new(Outbox, "events", "edgelstm_outbox_events", "Events among them."),
        new(Outbox, "oldestTs", "edgelstm_outbox_oldest_timestamp_seconds", "Of the oldest record; 0 for none.", Milliseconds),
        new(Outbox, "fileBytes", "edgelstm_outbox_file_bytes", "Size of the file and its log."),
        new(Outbox, "recordsWritten", "edgelstm_outbox_records_written_total", "Records that reached the disk."),
        new(Outbox, "writtenBytes", "edgelstm_outbox_written_bytes_total", "Bytes written to the disk."),
        new(Outbox, "faults", "edgelstm_outbox_faults_total", "Transactions that failed and were tried again."),
        new(Outbox, "saved", "edgelstm_outbox_records_saved_total", "Records saved from damaged files."),
        new(Outbox, "lost", "edgelstm_outbox_records_lost_total", "Records lost with damaged files."),

        new(Streams, "status", "edgelstm_stream_live", "1 while the stream is live, or fills a missing sample."),
        new(Streams, "alarm", "edgelstm_stream_alarm", "1 while an alarm is raised."),
        new(Streams, "failed", "edgelstm_stream_failed", "1 from a failure until the stream runs again."),
        new(Streams, "problem", "edgelstm_stream_problem", "1 while something keeps samples away."),
        new(Streams, "restarts", "edgelstm_stream_restarts_total", "Times the stream was put together anew after a failure."),
        new(Streams, "steps", "edgelstm_stream_steps_total", "Steps of the network."),
        new(Streams, "published", "edgelstm_stream_published_total", "Records handed over for publishing."),
        new(Streams, "droppedRecords", "edgelstm_stream_dropped_records_total", "Samples that no memory or disk had room for."),
        new(Streams, "droppedEvents", "edgelstm_stream_dropped_events_total", "Events that no memory or disk had room for."),
        new(Streams, "alarms", "edgelstm_stream_alarms_total", "Alarms raised."),
        new(Streams, "filled", "edgelstm_stream_filled_total", "Steps without a reading, bridged."),
        new(Streams, "channelsFilled", "edgelstm_stream_channels_filled_total", "Channels missing in a reading, bridged."),
        new(Streams, "unusable", "edgelstm_stream_unusable_total", "Readings that could not be used."),
        new(Streams, "timesStale", "edgelstm_stream_times_stale_total", "Gaps beyond what is bridged."),
        new(Streams, "nonFinite", "edgelstm_stream_non_finite_total", "Steps that were not finite; the network was reset."),
        new(Streams, "extraReadings", "edgelstm_stream_extra_readings_total", "Readings that were no sample of their own."),
        new(Streams, "bytesRead", "edgelstm_stream_read_bytes_total", "Bytes from the source."),
        new(Streams, "floodedBytes", "edgelstm_stream_flooded_bytes_total", "Bytes dropped as the line brought too many."),
        new(Streams, "reopened", "edgelstm_stream_reopened_total", "Times the source was found again."),
        new(Streams, "sourceDropped", "edgelstm_stream_source_dropped_total", "Readings dropped as the stream did not keep up."),
        new(Streams, "sourceRejected", "edgelstm_stream_source_rejected_total", "Readings that the source refused."),
        new(Streams, "sourceLate", "edgelstm_stream_source_late_total", "Readings left out as their turn had passed."),
        new(Streams, "frames", "edgelstm_stream_frames_total", "Frames found."),
        new(Streams, "framesPartial", "edgelstm_stream_frames_partial_total", "Broken frames: it was synchronised anew."),
        new(Streams, "framesOverLong", "edgelstm_stream_frames_over_long_total", "Frames beyond the limit."),
        new(Streams, "recordsRejected", "edgelstm_stream_records_rejected_total", "Frames that were no record."),
        new(Streams, "headerLines", "edgelstm_stream_header_lines_total", "Lines that name the columns."),
        new(Streams, "badChecksums", "edgelstm_stream_bad_checksums_total", "Records whose checksum is wrong."),
        new(Streams, "outOfRange", "edgelstm_stream_out_of_range_total", "Values that the profile does not allow."),
        new(Streams, "statesRestored", "edgelstm_stream_states_restored_total", "Saved states taken back."),
        new(Streams, "statesRefused", "edgelstm_stream_states_refused_total", "Saved states that could not be."),
        new(Streams, "adaptLearned", "edgelstm_stream_adapt_learned_total", "Forecasts that the adapting head learned from."),
        new(Streams, "adaptResets", "edgelstm_stream_adapt_resets_total", "Times it began anew, having lost."),
        new(Streams, "stepNs", "edgelstm_stream_step_seconds", "A step, the mean of about a hundred.", Nanoseconds),
        new(Streams, "stepP50Ns", "edgelstm_stream_step_p50_seconds", "The same, median of 5 to 10 minutes.", Nanoseconds),
        new(Streams, "stepP99Ns", "edgelstm_stream_step_p99_seconds", "The same, 99th percentile.", Nanoseconds),
        new(Streams, "allocatedBytes", "edgelstm_stream_allocated_bytes_total", "Managed bytes allocated by its thread."),

        new(Devices, "problem", "edgelstm_devices_problem", "1 while no message can come."),
        new(Devices, "streams", "edgelstm_devices_streams", "Devices that have a stream."),
        new(Devices, "limit", "edgelstm_devices_limit_streams", "Devices that may have one."),
        new(Devices, "refused", "edgelstm_devices_refused_streams", "Devices without one."),
        new(Devices, "dropped", "edgelstm_devices_dropped_total", "Messages of devices without a stream."),
        new(Devices, "unreadable", "edgelstm_devices_unreadable_total", "Messages without a reading."),
    ];

    /// <summary>Those that each forecast of a stream has, by the member of the stream that holds the forecasts.</summary>
    public static IReadOnlyList<Metric> OfForecasts { get; } =
    [
        new(Coverage, "achieved", "edgelstm_stream_band_coverage_ratio",
            "Part of the last day's values within the bands of a forecast."),
        new(Adapting, "head", "edgelstm_stream_head_adapted", "1 while the adapted head is published."),
        new(Adapting, "compared", "edgelstm_stream_head_compared_forecasts", "Forecasts compared since it began."),
        new(Adapting, "shippedError", "edgelstm_stream_head_shipped_error", "Root mean squared error of the shipped head."),
        new(Adapting, "adaptedError", "edgelstm_stream_head_adapted_error", "That of the adapted one."),
    ];
}
