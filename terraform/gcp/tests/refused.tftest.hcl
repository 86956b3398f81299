# Each variable refuses what can't be, before anything is made.

mock_provider "google" {}

variables {
  project       = "a-project-1"
  functions_zip = "tests/plan.tftest.hcl" # any file: nothing is uploaded
}

run "project" {
  command = plan
  variables {
    project = "My Project"
  }
  expect_failures = [var.project]
}

run "region" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "firestore_location" {
  command = plan
  variables {
    firestore_location = "mars"
  }
  expect_failures = [var.firestore_location]
}

run "database" {
  command = plan
  variables {
    database = "x"
  }
  expect_failures = [var.database]
}

run "name" {
  command = plan
  variables {
    name = "much-too-long-name"
  }
  expect_failures = [var.name]
}

run "bucket" {
  command = plan
  variables {
    bucket = "gs://faces"
  }
  expect_failures = [var.bucket]
}

run "functions_zip" {
  command = plan
  variables {
    functions_zip = "tests/none.zip"
  }
  expect_failures = [var.functions_zip]
}

run "retention_days" {
  command = plan
  variables {
    retention_days = 0
  }
  expect_failures = [var.retention_days]
}

run "device_per_minute" {
  command = plan
  variables {
    device_per_minute = 0
  }
  expect_failures = [var.device_per_minute]
}

run "audience" {
  command = plan
  variables {
    audience = "http://example.org/v1"
  }
  expect_failures = [var.audience]
}

run "log_level" {
  command = plan
  variables {
    log_level = "LOUD"
  }
  expect_failures = [var.log_level]
}

run "max_instances" {
  command = plan
  variables {
    max_instances = 0
  }
  expect_failures = [var.max_instances]
}

run "min_instances" {
  command = plan
  variables {
    min_instances = 11
  }
  expect_failures = [var.min_instances]
}

run "blynk_devices" {
  command = plan
  variables {
    blynk_devices = ["Hat One"]
  }
  expect_failures = [var.blynk_devices]
}

run "alert_emails" {
  command = plan
  variables {
    alert_emails = ["nobody"]
  }
  expect_failures = [var.alert_emails]
}

run "billing_account" {
  command = plan
  variables {
    billing_account = "billingAccounts/1"
  }
  expect_failures = [var.billing_account]
}

run "budget" {
  command = plan
  variables {
    budget = 0
  }
  expect_failures = [var.budget]
}


run "blynk_server" {
  command = plan
  variables {
    blynk = { server = "http://blynk.cloud/" }
  }
  expect_failures = [var.blynk]
}

run "blynk_events" {
  command = plan
  variables {
    blynk = { events = "some" }
  }
  expect_failures = [var.blynk]
}

run "blynk_distress_minutes" {
  command = plan
  variables {
    blynk = { distress_minutes = 0 }
  }
  expect_failures = [var.blynk]
}

run "blynk_distress_pause_minutes" {
  command = plan
  variables {
    blynk = { distress_pause_minutes = 1441 }
  }
  expect_failures = [var.blynk]
}
