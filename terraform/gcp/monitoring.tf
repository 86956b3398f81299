locals {
  channels   = [for channel in google_monitoring_notification_channel.email : channel.id]
  of_service = { for key, function in google_cloudfunctions2_function.this : key => "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${function.name}\"" }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = "How's it going? ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }

  depends_on = [google_project_service.api]
}

# Counted from logs: what Cloud Run's own figures don't tell apart. No metric holds a device's id or a mood.
resource "google_logging_metric" "refused" {
  name        = "${var.name}/refused"
  description = "Requests that ingest refused, by status: 401 and 403 are strangers or revoked devices, 413 and 400 broken samples"
  filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloudfunctions2_function.this["ingest"].name}\" AND httpRequest.status>=400 AND httpRequest.status<500"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key         = "status"
      value_type  = "INT64"
      description = "HTTP status"
    }
  }
  label_extractors = { status = "EXTRACT(httpRequest.status)" }
}

resource "google_logging_metric" "failures" {
  name        = "${var.name}/failures"
  description = "Lines of severity ERROR or above, by function: what needs a person"
  filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-(${join("|", keys(local.functions))})$\" AND severity>=ERROR"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key         = "function"
      value_type  = "STRING"
      description = "Name of the function"
    }
  }
  label_extractors = { function = "EXTRACT(resource.labels.service_name)" }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_uptime_check_config" "health" {
  display_name     = "${var.name} ingest"
  period           = "300s"
  timeout          = "10s"
  selected_regions = ["EUROPE", "USA", "ASIA_PACIFIC"] # three is the least; each also keeps an instance warm for some minutes

  http_check {
    path         = "/v1/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = local.host
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.devices]
}

resource "google_monitoring_alert_policy" "down" {
  display_name          = "${var.name}: ingest can't be reached"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "the uptime check fails from more than one region"
    condition_threshold {
      filter          = "metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type = \"uptime_url\" AND metric.labels.check_id = \"${google_monitoring_uptime_check_config.health.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "600s"
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    content = "Devices keep what they can't send, for days; nothing is lost yet. Look at the logs of ${var.name}-ingest and at status.cloud.google.com."
  }
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "${var.name}: ingest answers 5xx"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels

  conditions {
    display_name = "more than 5 % for ten minutes"
    condition_threshold {
      filter             = "${local.of_service["ingest"]} AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      denominator_filter = "${local.of_service["ingest"]} AND metric.type = \"run.googleapis.com/request_count\""
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "600s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Devices try again later. 503 alone means Firestore or Storage was busy; 500 is a fault of ours."
  }
}

resource "google_monitoring_alert_policy" "failures" {
  display_name          = "${var.name}: a function logs errors"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels

  conditions {
    display_name = "an error in the last hour"
    condition_threshold {
      filter          = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.failures.name}\" AND resource.type = \"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.function"]
      }
    }
  }

  documentation {
    content = "push_to_blynk: most often a token that Blynk no longer takes. on_sample_deleted: a crop is left for the bucket's lifecycle to delete."
  }
}

resource "google_monitoring_alert_policy" "strangers" {
  display_name          = "${var.name}: many refused requests"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels

  conditions {
    display_name = "more than 100 in an hour"
    condition_threshold {
      filter          = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.refused.name}\" AND resource.type = \"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 100
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.status"]
      }
    }
  }

  documentation {
    content = "401 or 403: somebody is guessing, or a revoked device still runs. 400: a device sends what this version doesn't know. 429: one device sends too much."
  }
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "How's it going? (${var.name})"
    mosaicLayout = {
      columns = 12
      tiles = [for index, chart in local.charts : {
        xPos   = 6 * (index % 2)
        yPos   = 4 * floor(index / 2)
        width  = 6
        height = 4
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = chart.filter
                  aggregation = {
                    alignmentPeriod    = "300s"
                    perSeriesAligner   = chart.aligner
                    crossSeriesReducer = chart.reducer
                    groupByFields      = chart.by
                  }
                }
              }
            }]
          }
        }
      }]
    }
  })
}

locals {
  charts = [
    {
      title   = "Samples: answers of ingest a second"
      filter  = "${local.of_service["ingest"]} AND metric.type = \"run.googleapis.com/request_count\""
      aligner = "ALIGN_RATE"
      reducer = "REDUCE_SUM"
      by      = ["metric.label.response_code_class"]
    },
    {
      title   = "Ingest: 95th percentile of the latency (ms)"
      filter  = "${local.of_service["ingest"]} AND metric.type = \"run.googleapis.com/request_latencies\""
      aligner = "ALIGN_PERCENTILE_95"
      reducer = "REDUCE_MAX"
      by      = ["resource.label.service_name"]
    },
    {
      title   = "Refused, by status"
      filter  = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.refused.name}\" AND resource.type = \"cloud_run_revision\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      by      = ["metric.label.status"]
    },
    {
      title   = "Errors, by function"
      filter  = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.failures.name}\" AND resource.type = \"cloud_run_revision\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      by      = ["metric.label.function"]
    },
    {
      title   = "Pushes to Blynk a second"
      filter  = "${local.of_service["push-to-blynk"]} AND metric.type = \"run.googleapis.com/request_count\""
      aligner = "ALIGN_RATE"
      reducer = "REDUCE_SUM"
      by      = ["metric.label.response_code_class"]
    },
    {
      title   = "Crops: bytes stored"
      filter  = "resource.type = \"gcs_bucket\" AND resource.labels.bucket_name = \"${google_storage_bucket.faces.name}\" AND metric.type = \"storage.googleapis.com/storage/total_bytes\""
      aligner = "ALIGN_MEAN"
      reducer = "REDUCE_SUM"
      by      = ["resource.label.bucket_name"]
    },
  ]
}
