# terraform test: a plan with mocked values; nothing is asked of Google.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

variables {
  project         = "a-project-1"
  functions_zip   = "tests/plan.tftest.hcl" # any file: nothing is uploaded
  billing_account = "012345-6789AB-CDEF01"
  alert_emails    = ["operator@example.org"]
  blynk_devices   = ["hat-1", "hat_2"]
}

run "everything" {
  command = apply

  assert {
    condition     = output.ingest_url == "https://howsitgoing-ingest-123456789012.europe-west1.run.app" && output.audience == output.ingest_url
    error_message = "A device must get an address that ingest itself knows as its audience."
  }
  assert {
    condition     = google_storage_bucket.faces.uniform_bucket_level_access && google_storage_bucket.faces.public_access_prevention == "enforced"
    error_message = "A face must never be public."
  }
  assert {
    condition     = google_storage_bucket.faces.versioning[0].enabled == false && google_storage_bucket.faces.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "What is erased must be gone."
  }
  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_DISABLED"
    error_message = "What is erased must be gone."
  }
  assert {
    condition     = [for rule in google_storage_bucket.faces.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"] == [366]
    error_message = "The bucket's lifecycle deletes a day after the document expires."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.expires_at : length(field.ttl_config) == 1])
    error_message = "Samples and used tokens expire."
  }
  assert {
    condition = alltrue([
      for key, function in google_cloudfunctions2_function.this :
      function.service_config[0].service_account_email == google_service_account.function[key].email
    ]) && length(distinct(values(output.service_accounts))) == length(local.functions)
    error_message = "Each function runs as itself."
  }
  assert {
    condition     = tolist(keys(google_secret_manager_secret_iam_member.push_to_blynk)) == tolist(["hat-1", "hat_2"]) && alltrue([for member in google_secret_manager_secret_iam_member.push_to_blynk : member.member == google_service_account.function["push-to-blynk"].member])
    error_message = "Blynk's tokens are for push_to_blynk alone."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.devices.name == "howsitgoing-ingest" && !contains([for member in concat(values(google_cloud_run_v2_service_iam_member.events), [google_cloud_run_v2_service_iam_member.scheduler]) : member.member], "allUsers")
    error_message = "Everybody may knock at ingest, and nowhere else."
  }
  assert {
    condition     = !contains(google_project_iam_custom_role.documents["ingest"].permissions, "datastore.entities.delete") && !contains(google_project_iam_custom_role.documents["ingest"].permissions, "datastore.entities.update") && !contains(google_project_iam_custom_role.faces["ingest"].permissions, "storage.objects.list")
    error_message = "What is open to the internet can neither change nor delete what is stored, nor list pictures."
  }
  assert {
    condition     = alltrue([for grant in google_project_iam_member.documents : one(grant.condition).expression == "resource.name == \"projects/a-project-1/databases/(default)\""])
    error_message = "Each sees the one database."
  }
  assert {
    condition     = [for key, function in google_cloudfunctions2_function.this : key if function.service_config[0].ingress_settings == "ALLOW_ALL"] == ["ingest"]
    error_message = "Nothing but ingest is open to the internet."
  }
  assert {
    condition     = google_cloud_scheduler_job.sweep.http_target[0].oidc_token[0].service_account_email == google_service_account.function["sweep"].email
    error_message = "Cloud Scheduler calls sweep by sweep's own account."
  }
  assert {
    condition     = google_billing_budget.monthly[0].all_updates_rule[0].disable_default_iam_recipients && length(google_billing_budget.monthly[0].threshold_rules) == 4
    error_message = "The budget warns the operator at 50, 90 and 100 %, and when 100 % is to be expected."
  }
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 6
    error_message = "The dashboard has six charts."
  }
}

run "in_several_regions" {
  command = plan
  variables {
    firestore_location = "eur3"
    database           = "samples"
    region             = "europe-west4"
  }
  assert {
    condition     = google_cloudfunctions2_function.this["push-to-blynk"].event_trigger[0].trigger_region == "europe-west4"
    error_message = "Eventarc listens for eur3 in europe-west4."
  }
  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore/samples"
    error_message = "The rules of a named database are released under its name."
  }
}

run "with_the_least" {
  command = plan
  variables {
    billing_account = null
    alert_emails    = []
    blynk_devices   = []
  }
  assert {
    condition     = length(google_billing_budget.monthly) == 0 && length(output.blynk_secrets) == 0
    error_message = "Project and zip are all that is needed."
  }
}
