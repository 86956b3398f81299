resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124:devices come from the internet, to ingest alone; the others take internal calls only
  for_each = local.functions

  name        = "${var.name}-${each.key}"
  location    = var.region
  description = "How's it going? ${each.value.entry_point} of cloud/main.py"

  build_config {
    runtime           = "python311"
    entry_point       = each.value.entry_point
    service_account   = google_service_account.builder.id
    docker_repository = google_artifact_registry_repository.functions.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.functions.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.key].email
    available_cpu                    = "1"
    available_memory                 = each.value.memory
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.timeout
    min_instance_count               = each.key == "ingest" ? var.min_instances : 0
    max_instance_count               = each.key == "sweep" ? 1 : var.max_instances
    all_traffic_on_latest_revision   = true
    # Eventarc and Cloud Scheduler count as internal. Only devices come from outside.
    ingress_settings = each.key == "ingest" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"

    environment_variables = {
      HOWSITGOING_CLOUD_PROJECT                = var.project
      HOWSITGOING_CLOUD_BUCKET                 = google_storage_bucket.faces.name
      HOWSITGOING_CLOUD_AUDIENCE               = local.audience
      HOWSITGOING_CLOUD_DATABASE               = google_firestore_database.this.name
      HOWSITGOING_CLOUD_RETENTION_DAYS         = tostring(var.retention_days)
      HOWSITGOING_CLOUD_DEVICE_PER_MINUTE      = tostring(var.device_per_minute)
      HOWSITGOING_CLOUD_SECRETS                = "secret-manager"
      HOWSITGOING_CLOUD_BLYNK_SERVER           = var.blynk.server
      HOWSITGOING_CLOUD_BLYNK_EVENTS           = var.blynk.events
      HOWSITGOING_CLOUD_DISTRESS_MINUTES       = tostring(var.blynk.distress_minutes)
      HOWSITGOING_CLOUD_DISTRESS_PAUSE_MINUTES = tostring(var.blynk.distress_pause_minutes)
      HOWSITGOING_CLOUD_LOG_LEVEL              = var.log_level
    }
  }

  dynamic "event_trigger" {
    for_each = each.value.event == null ? [] : [each.value.event]
    content {
      trigger_region        = local.trigger_region
      event_type            = "google.cloud.firestore.document.v1.${event_trigger.value.type}"
      service_account_email = google_service_account.function[each.key].email
      retry_policy          = "RETRY_POLICY_RETRY" # what is transient raises, and comes again for up to a day

      event_filters {
        attribute = "database"
        value     = google_firestore_database.this.name
      }
      event_filters {
        attribute = "document"
        value     = event_trigger.value.document
        operator  = "match-path-pattern"
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_project_iam_member.builder_logs,
    google_project_iam_member.builder_reads,
    google_project_iam_member.events,
    google_project_iam_member.documents,
  ]
}

# A device has no Google credential, and never will: it signs each request with its own key, and ingest verifies that. So
# Cloud Run lets everybody knock.
resource "google_cloud_run_v2_service_iam_member" "devices" {
  name     = google_cloudfunctions2_function.this["ingest"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# Eventarc calls a function as that function's own account.
resource "google_cloud_run_v2_service_iam_member" "events" {
  for_each = local.event_functions

  name     = google_cloudfunctions2_function.this[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.function[each.key].member
}

# Once a day: what the TTL policy and the event of each deletion left behind.
resource "google_cloud_scheduler_job" "sweep" {
  name             = "${var.name}-sweep"
  region           = var.region
  description      = "Removes crops without a document, and what has expired"
  schedule         = "17 3 * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "1800s"

  retry_config {
    retry_count          = 3 # cut off, the same again goes on
    min_backoff_duration = "60s"
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    oidc_token {
      service_account_email = google_service_account.function["sweep"].email
      audience              = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "scheduler" {
  name     = google_cloudfunctions2_function.this["sweep"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.function["sweep"].member
}

resource "google_artifact_registry_repository" "functions" {
  #checkov:skip=CKV_GCP_84:it holds images of published code; Google's own key encrypts it
  repository_id = "${var.name}-functions"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions, built from the zip"

  # An image is a few hundred MB for each function and deployment.
  cleanup_policies {
    id     = "keep-three"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "604800s"
    }
  }

  depends_on = [google_project_service.api]
}
