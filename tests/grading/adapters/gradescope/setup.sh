#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image (Ubuntu 22.04 or 24.04).
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y python3 python3-pip
apt-get install -y bubblewrap || echo 'No bubblewrap: notebooks will run as another user.'
export PIP_BREAK_SYSTEM_PACKAGES=1 # an option of that name is unknown to the pip of Ubuntu 22.04
pip3 install numpy matplotlib tqdm ipykernel nbclient nbformat psutil

# Who runs the students' code, and can read nothing of ours
id student > /dev/null 2>&1 || useradd --system --no-create-home --shell /bin/false student ||
    echo 'No user student can be made: notebooks will run as nobody.'
