variable "project" {
  description = "Id of the Google Cloud project. It must exist and have billing; nothing else needs to be in it."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and begins with a letter; it is not the project's name or number."
  }
}

variable "region" {
  description = "Where functions, images and secrets live, for example europe-west1."
  type        = string
  default     = "europe-west1"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "A region looks like europe-west1 or us-central1 (a zone such as europe-west1-b is not one)."
  }
}

variable "firestore_location" {
  description = "Where the database lives: a region, or nam5 or eur3 for several. The same as region if null. It can never be changed."
  type        = string
  default     = null
  validation {
    condition     = var.firestore_location == null || can(regex("^([a-z]+-[a-z]+[0-9]{1,2}|nam5|eur3)$", var.firestore_location))
    error_message = "The database lives in a region such as europe-west1, or in nam5 or eur3."
  }
}

variable "database" {
  description = "Name of the Firestore database."
  type        = string
  default     = "(default)"
  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "The database is (default), or has 4 to 63 lower-case letters, digits and hyphens, the first a letter."
  }
}

variable "name" {
  description = "What everything that is made begins with."
  type        = string
  default     = "howsitgoing"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,10}[a-z0-9]$", var.name))
    error_message = "The name has 3 to 12 lower-case letters, digits and hyphens and begins with a letter: a service account's id has no room for more."
  }
}

variable "bucket" {
  description = "Name of the bucket for crops; unique in the world. Made of project and name if null."
  type        = string
  default     = null
  validation {
    condition     = var.bucket == null || can(regex("^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, hyphens and underscores, without gs://."
  }
}

variable "functions_zip" {
  description = "What 'make functions-zip' has built."
  type        = string
  default     = "../../dist/functions.zip"
  validation {
    condition     = fileexists(var.functions_zip)
    error_message = "There is no such file. Build it in the clone's root: make functions-zip"
  }
}

variable "retention_days" {
  description = "A sample and its crop are deleted so many days after they came in."
  type        = number
  default     = 365
  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days
    error_message = "Samples are kept for 1 to 3650 whole days."
  }
}

variable "device_per_minute" {
  description = "How many samples each device may send a minute to one instance, after a burst of 2000; more are answered with 429."
  type        = number
  default     = 120
  validation {
    condition     = var.device_per_minute >= 1 && var.device_per_minute <= 100000 && floor(var.device_per_minute) == var.device_per_minute
    error_message = "A device may send 1 to 100000 samples a minute."
  }
}

variable "audience" {
  description = "What a device's token must name as its audience. The ingest function's own address if null."
  type        = string
  default     = null
  validation {
    condition     = var.audience == null || can(regex("^https://[^/ ]+$", var.audience))
    error_message = "The audience is an address such as https://samples.example.org, without a path or a slash at its end."
  }
}

variable "log_level" {
  description = "Least severe lines that the functions log."
  type        = string
  default     = "INFO"
  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "The level is one of DEBUG, INFO, WARNING, ERROR."
  }
}

variable "max_instances" {
  description = "How many instances of each function may run at once: the upper limit of what a flood can cost."
  type        = number
  default     = 10
  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000 && floor(var.max_instances) == var.max_instances
    error_message = "Between 1 and 1000 instances."
  }
}

variable "min_instances" {
  description = "How many instances of ingest always run. 0 costs nothing and lets the first request after a pause wait for some seconds."
  type        = number
  default     = 0
  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances
    error_message = "Not below 0 and not above max_instances."
  }
}

variable "blynk_devices" {
  description = "Devices whose carer has a Blynk dashboard. Each gets a secret for its token; the token itself is put there by hand."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for device in var.blynk_devices : can(regex("^[a-z0-9][a-z0-9_-]{0,31}$", device))])
    error_message = "A device's id has 1 to 32 lower-case letters, digits, hyphens and underscores, the first a letter or digit."
  }
}

variable "blynk" {
  description = "What the carer's dashboard gets, and when their phone is alerted: none, distress, or all."
  type = object({
    server                 = optional(string, "https://blynk.cloud")
    events                 = optional(string, "distress")
    distress_minutes       = optional(number, 5)
    distress_pause_minutes = optional(number, 30)
  })
  default = {}
  validation {
    condition     = can(regex("^https://[^/ ]+$", var.blynk.server))
    error_message = "Blynk's server is an address such as https://fra1.blynk.cloud, without a path or a slash at its end."
  }
  validation {
    condition     = contains(["none", "distress", "all"], var.blynk.events)
    error_message = "The events are one of none, distress, all."
  }
  validation {
    condition     = var.blynk.distress_minutes > 0 && var.blynk.distress_minutes <= 120
    error_message = "Distress is alerted after more than 0 and at most 120 minutes."
  }
  validation {
    condition     = var.blynk.distress_pause_minutes >= 1 && var.blynk.distress_pause_minutes <= 1440
    error_message = "The next alert of distress comes after 1 to 1440 minutes."
  }
}

variable "alert_emails" {
  description = "Who is told when something is broken or too dear."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "An alert goes to an address such as operator@example.org."
  }
}

variable "billing_account" {
  description = "Id of the billing account, for the budget; no budget is made if null. 'gcloud billing accounts list' shows it."
  type        = string
  default     = null
  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account's id looks like 012345-6789AB-CDEF01."
  }
}

variable "budget" {
  description = "Monthly budget, in the billing account's currency. Google warns at 50, 90 and 100 %; it does not switch anything off."
  type        = number
  default     = 10
  validation {
    condition     = var.budget >= 1 && floor(var.budget) == var.budget
    error_message = "The budget is a whole number of at least 1."
  }
}

variable "deletion_protection" {
  description = "Refuses to destroy the database and a bucket that is not empty. Set it to false, apply, then destroy."
  type        = bool
  default     = true
}
