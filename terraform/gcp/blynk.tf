# The secret alone: its value would stand in the state. The operator adds it:
#   printf %s "$TOKEN" | gcloud secrets versions add howsitgoing-blynk-DEVICE --data-file=-
resource "google_secret_manager_secret" "blynk" {
  for_each = var.blynk_devices

  secret_id = "${var.name}-blynk-${each.key}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "push_to_blynk" {
  for_each = google_secret_manager_secret.blynk

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["push-to-blynk"].member
}
