"""What runs inside the sandbox: a trusted zygote, and one fork of it for each call."""
