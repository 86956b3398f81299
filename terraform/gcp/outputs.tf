output "ingest_url" {
  description = "What a device sends its samples to: cloud.url in its settings."
  value       = local.url
}

output "audience" {
  description = "What a device's token names as its audience."
  value       = local.audience
}

output "bucket" {
  description = "Where the crops lie."
  value       = google_storage_bucket.faces.name
}

output "environment" {
  description = "What howsitgoing-cloud needs in its environment to look after the devices of this project."
  value = {
    HOWSITGOING_CLOUD_PROJECT  = var.project
    HOWSITGOING_CLOUD_DATABASE = google_firestore_database.this.name
    HOWSITGOING_CLOUD_BUCKET   = google_storage_bucket.faces.name
    HOWSITGOING_CLOUD_AUDIENCE = local.audience
  }
}

output "blynk_secrets" {
  description = "For each device the name of the secret that its Blynk token is added to."
  value       = { for device, secret in google_secret_manager_secret.blynk : device => secret.secret_id }
}

output "service_accounts" {
  description = "Who each function runs as."
  value       = { for key, account in google_service_account.function : key => account.email }
}
