# Each variable refuses what can't be, before anything is made.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  csr_folder       = "tests/csr"
  availability_zip = "tests/plan.tftest.hcl"
}

run "availability_zip" {
  command = plan
  variables {
    availability_zip = "nothing.zip"
  }
  expect_failures = [var.availability_zip]
}

run "region" {
  command = plan
  variables {
    region = "eu-central-1a"
  }
  expect_failures = [var.region]
}

run "name" {
  command = plan
  variables {
    name = "X"
  }
  expect_failures = [var.name]
}

run "csr_of_device" {
  command = plan
  variables {
    csr_folder = "tests/wrong/device"
  }
  expect_failures = [var.csr_folder]
}

run "csr_of_bridge" {
  command = plan
  variables {
    csr_folder = "tests/wrong/bridge"
  }
  expect_failures = [var.csr_folder]
}

run "csr_of_both" {
  command = plan
  variables {
    csr_folder = "tests/wrong/both"
  }
  expect_failures = [var.csr_folder]
}

run "csr_of_key" {
  command = plan
  variables {
    csr_folder = "tests/wrong/key"
  }
  expect_failures = [aws_iot_certificate.client]
}

run "revoked" {
  command = plan
  variables {
    revoked = ["hat-9"]
  }
  expect_failures = [var.revoked]
}

run "log_retention_days" {
  command = plan
  variables {
    log_retention_days = 31
  }
  expect_failures = [var.log_retention_days]
}

run "alert_emails" {
  command = plan
  variables {
    alert_emails = ["nobody"]
  }
  expect_failures = [var.alert_emails]
}

run "connects_per_hour" {
  command = plan
  variables {
    connects_per_hour = 0
  }
  expect_failures = [var.connects_per_hour]
}

run "budget" {
  command = plan
  variables {
    budget = 0
  }
  expect_failures = [var.budget]
}

