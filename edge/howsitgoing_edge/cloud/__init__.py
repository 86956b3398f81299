"""To the cloud and to the carer, if people agreed: the outbox, the uplink, the identity of the device, and Blynk."""
