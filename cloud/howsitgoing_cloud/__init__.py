"""The cloud side: takes in what devices send, stores it, tells the carer, and erases it."""
