#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image (Ubuntu 22.04 or 24.04).
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y python3 python3-pip
apt-get install -y bubblewrap || echo 'No bubblewrap: notebooks will run as another user.'
export PIP_BREAK_SYSTEM_PACKAGES=1 # the pip of Ubuntu 22.04 does not know the option
pip3 install numpy matplotlib tqdm ipykernel nbclient nbformat psutil

# The user that runs students' code, and can read none of the grader's files
id student > /dev/null 2>&1 || useradd --system --no-create-home --shell /bin/false student ||
    echo 'No user student can be made: notebooks will run as a user without a name.'
